import type { WebSocket } from 'ws';

/** Some 4 min of speech, 25 MB of frames: more than sockets hold. */
export const longText = 'This is a sentence that somebody asks for, and it goes on and on. '.repeat(180);

/** What no client should send; each ends its connection. */
export const badMessages = {
  tooLarge: (socket: WebSocket): void => socket.send('x'.repeat(4 * 2 ** 20)),
  tooDeep: (socket: WebSocket): void =>
    socket.send(`{"Header":{},"Payload":${'['.repeat(20_000)}${']'.repeat(20_000)}}`),
  notText: (socket: WebSocket): void => socket.send(Buffer.alloc(60_000)),
  withoutEnd: (socket: WebSocket): void => {
    for (let i = 0; i < 200; i++) socket.send('x', { fin: false });
  },
  notUtf8: (socket: WebSocket): void => socket.send(Buffer.from([0xff, 0xfe]), { binary: false }),
} as const;
