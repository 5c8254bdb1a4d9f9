import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';

import { systemClock } from '../../src/clock.js';
import { FacewireError } from '../../src/errors.js';
import { makeTag, tagType } from '../../src/sinks/flv.js';
import { decodeAmf, encodeAmf, type AmfValue } from '../../src/sinks/rtmp/amf.js';
import { ChunkReader, messageType, writeChunks, type RtmpMessage } from '../../src/sinks/rtmp/chunk.js';
import { RtmpPublisher } from '../../src/sinks/rtmp/publisher.js';
import { hasRtmpKey, parseRtmpUrl, redactKey, redactRtmpUrl } from '../../src/sinks/rtmp/url.js';
import { RtmpSink } from '../../src/sinks/rtmp-sink.js';
import { hostileUrls } from './hostile-urls.js';
import { randomNumbers } from './synthetic.js';

describe('parseRtmpUrl', () => {
  it('splits app and stream and keeps the query with the stream', () => {
    expect(parseRtmpUrl('rtmp://push.example.com/live/room1?txSecret=abc&txTime=5F')).toEqual({
      tls: false,
      host: 'push.example.com',
      port: 1935,
      app: 'live',
      stream: 'room1?txSecret=abc&txTime=5F',
      tcUrl: 'rtmp://push.example.com/live',
      shown: 'rtmp://push.example.com/live/***',
    });
    expect(parseRtmpUrl('rtmps://[::1]:4000/a/b/c')).toMatchObject({
      tls: true,
      host: '::1',
      port: 4000,
      app: 'a/b',
    });
  });

  it('refuses 200 hostile addresses before anything is started for them', () => {
    expect(new Set(hostileUrls).size).toBeGreaterThanOrEqual(200);
    for (const url of hostileUrls) {
      expect(() => parseRtmpUrl(url), url).toThrow(FacewireError);
      expect(redactRtmpUrl(url)).toBe('***');
      // The constructor already, which has neither socket nor process nor file.
      expect(() => new RtmpSink({ url }), url).toThrow(
        expect.objectContaining({ code: 'ERR_RTMP_URL' }) as Error,
      );
    }
  });

  it('never shows what was refused', () => {
    try {
      parseRtmpUrl('rtmp://h/live/Canary secret');
      expect.unreachable();
    } catch (thrown) {
      expect(thrown).toMatchObject({ code: 'ERR_RTMP_URL' });
      expect(JSON.stringify(thrown) + String(thrown)).not.toContain('Canary');
    }
  });

  it('guesses which addresses carry a key', () => {
    for (const keyed of [
      'room?txSecret=1',
      'room?sign=1-2',
      'room?x=0123456789abcdef',
      'k8sJd7Hq2LmZ0pXw',
      'live_12345_abc',
    ])
      expect(hasRtmpKey(`rtmp://h/live/${keyed}`), keyed).toBe(true);
    for (const plain of ['room', 'first-light', 'camera-7', 'room?quality=low'])
      expect(hasRtmpKey(`rtmp://h/live/${plain}`), plain).toBe(false);
  });

  it('masks the key wherever it stands in a message', () => {
    const target = parseRtmpUrl('rtmp://h/live/room-key?txSecret=can%41ry');
    expect(redactKey('no stream room-key with can%41ry or canAry', target)).toBe(
      'no stream *** with *** or ***',
    );
  });
});

describe('AMF0', () => {
  const values: AmfValue[] = [
    ...[0, -1.5, Number.MAX_VALUE, true, false, '', 'text', 'é中😀', 'x'.repeat(70_000), null, undefined],
    ...[[], [1, ['two', null]], { a: 1, nested: { list: [true] } }],
  ];

  it('reads what it wrote', () => {
    expect(JSON.stringify(decodeAmf(encodeAmf(...values)))).toBe(JSON.stringify(values));
  });

  it('reads an ECMA array and a date', () => {
    const bytes = Buffer.concat([
      Buffer.from('080000000100016100', 'hex'),
      Buffer.alloc(8),
      Buffer.from('000009', 'hex'),
    ]);
    expect(JSON.stringify(decodeAmf(bytes))).toBe('[{"a":0}]');
    expect(decodeAmf(Buffer.from('0b00000000000000000000', 'hex'))).toEqual([0]);
  });

  it('gives objects no prototype to pollute', () => {
    const [read] = decodeAmf(
      Buffer.from('0300095f5f70726f746f5f5f0300016101010000090000090a'.slice(0, -2), 'hex'),
    );
    expect(Object.getPrototypeOf(read)).toBeNull();
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  it('refuses depth, false lengths and unknown markers with a coded error', () => {
    const deep = Buffer.concat(Array.from({ length: 40 }, () => Buffer.from([10, 0, 0, 0, 1])));
    for (const bad of [
      deep,
      Buffer.from('0affffffff', 'hex'),
      Buffer.from('020010', 'hex'),
      Buffer.from([99]),
      Buffer.from([0, 1]),
    ])
      expect(() => decodeAmf(bad)).toThrow(/bad AMF0/);
  });

  it('survives damage', () => {
    const random = randomNumbers(3);
    const good = encodeAmf(...values.filter((value) => value !== values[8]));
    let refused = 0;
    for (let round = 0; round < 5000; round++) {
      const damaged = Buffer.from(good);
      damaged[Math.floor(random() * damaged.length)] = Math.floor(random() * 256);
      try {
        decodeAmf(damaged.subarray(0, Math.floor(random() * damaged.length)));
      } catch (thrown) {
        expect((thrown as FacewireError).code).toBe('ERR_WIRE_MALFORMED');
        refused += 1;
      }
    }
    expect(refused).toBeGreaterThan(1000);
  });
});

describe('RTMP chunks', () => {
  const messages: RtmpMessage[] = [0, 1, 127, 128, 129, 4096, 10_000].map((length, i) => ({
    type: 9,
    timestampMs: i * 0x600000,
    streamId: 1,
    payload: Buffer.alloc(length, i),
  }));

  it('come together again however they are split, long times included', () => {
    const bytes = Buffer.concat(messages.map((message) => writeChunks(message, 6, 128)));
    const random = randomNumbers(4);
    for (let round = 0; round < 50; round++) {
      const found: RtmpMessage[] = [];
      const reader = new ChunkReader((message) => found.push(message));
      for (let at = 0; at < bytes.length;) {
        const next = at + 1 + Math.floor(random() * 300);
        reader.push(bytes.subarray(at, next));
        at = next;
      }
      expect(found).toEqual(messages);
    }
  });

  it('throws nothing but a coded error on random bytes', () => {
    const random = randomNumbers(5);
    const start = writeChunks(messages[3], 6, 128);
    for (let round = 0; round < 3000; round++) {
      const noise = Buffer.from(Array.from({ length: 200 }, () => Math.floor(random() * 256)));
      try {
        new ChunkReader(() => undefined).push(Buffer.concat([start, noise]));
      } catch (thrown) {
        expect((thrown as FacewireError).code).toBe('ERR_WIRE_MALFORMED');
      }
    }
    expect.hasAssertions();
  });
});

describe('RtmpPublisher', () => {
  /** A scripted ingest: `script` gets each connection. */
  async function ingest(script: (socket: Socket) => void): Promise<{ server: Server; url: string }> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      script(socket);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    return { server, url: `rtmp://127.0.0.1:${(server.address() as AddressInfo).port}/live/CanaryKey55` };
  }

  /** Shakes hands and hands every command to `answer`, whose result is sent back. */
  function speaking(answer: (values: AmfValue[]) => AmfValue[] | undefined, seen: RtmpMessage[] = []) {
    return (socket: Socket): void => {
      let shaken: Buffer | undefined = Buffer.alloc(0);
      const send = (type: number, payload: Buffer): boolean =>
        socket.write(writeChunks({ type, timestampMs: 0, streamId: 0, payload }, 3, 128));
      const reader = new ChunkReader((message) => {
        seen.push(message);
        if (message.type !== messageType.command) return;
        const reply = answer(decodeAmf(message.payload));
        if (reply !== undefined) send(messageType.command, encodeAmf(...reply));
        if (reply?.[0] === 'onStatus') send(messageType.userControl, Buffer.from([0, 6, 1, 2, 3, 4]));
      });
      socket.on('data', (bytes: Buffer) => {
        if (shaken === undefined) return reader.push(bytes);
        const before: number = shaken.length;
        shaken = Buffer.concat([shaken, bytes]);
        if (before < 1537 && shaken.length >= 1537)
          socket.write(Buffer.concat([Buffer.from([3]), Buffer.alloc(3072)]));
        if (shaken.length < 3073) return;
        const rest = shaken.subarray(3073);
        shaken = undefined;
        reader.push(rest);
      });
    };
  }
  const accept = ([name, id]: AmfValue[]): AmfValue[] | undefined =>
    name === 'connect'
      ? ['_result', id, null, { code: 'NetConnection.Connect.Success' }]
      : name === 'createStream'
        ? ['_result', id, null, 7]
        : name === 'publish'
          ? ['onStatus', 0, null, { level: 'status', code: 'NetStream.Publish.Start' }]
          : undefined;

  function publisherFor(url: string, timeoutMs = 8000): RtmpPublisher {
    return new RtmpPublisher(parseRtmpUrl(url), {
      connectTimeoutMs: timeoutMs,
      acceptTimeoutMs: timeoutMs,
      stallMs: 3500,
      bytesPerSecond: 300_000,
      clock: systemClock,
    });
  }

  async function failure(url: string, timeoutMs?: number): Promise<FacewireError> {
    const thrown: unknown = await publisherFor(url, timeoutMs)
      .open()
      .catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(FacewireError);
    expect(JSON.stringify(thrown) + String(thrown)).not.toContain('CanaryKey');
    return thrown as FacewireError;
  }

  it('speaks in order, sends media on the stream it was given, answers pings and says goodbye', async () => {
    const seen: RtmpMessage[] = [];
    const { server, url } = await ingest(speaking(accept, seen));
    const publisher = publisherFor(url);
    await publisher.open();
    publisher.describe({ width: 320 });
    publisher.send(makeTag(tagType.video, 40, Buffer.alloc(9000, 1)), 0);
    const isPong = ({ type, payload }: RtmpMessage): boolean =>
      type === messageType.userControl && payload[1] === 7;
    while (!seen.some(isPong)) await sleep(5);
    await publisher.close();
    server.close();
    const names = seen
      .filter(({ type }) => type === messageType.command)
      .map(({ payload }) => decodeAmf(payload)[0]);
    const all = [
      'connect',
      'releaseStream',
      'FCPublish',
      'createStream',
      'publish',
      'FCUnpublish',
      'deleteStream',
    ];
    expect(names).toEqual(all);
    expect(seen.find(({ type }) => type === messageType.video)).toMatchObject({
      timestampMs: 40,
      streamId: 7,
    });
    expect(seen.find(({ type }) => type === messageType.data)?.streamId).toBe(7);
    const pongs = seen.filter(isPong);
    expect(pongs.map(({ payload }) => payload.toString('hex'))).toEqual(['000701020304']);
  });

  it('reports an ingest that is not there', async () => {
    const { server, url } = await ingest(() => undefined);
    server.close();
    await once(server, 'close');
    expect((await failure(url)).code).toBe('ERR_RTMP_CONNECT');
  });

  it('reports an ingest that answers with the stream name in its refusal', async () => {
    const { server, url } = await ingest(
      speaking(([name, id]) =>
        name === 'connect'
          ? ['_error', id, null, { code: 'X.Rejected', description: 'no CanaryKey55 here' }]
          : undefined,
      ),
    );
    const error = await failure(url);
    server.close();
    expect(error.code).toBe('ERR_RTMP_REFUSED');
    expect(error.message).toContain('X.Rejected: no *** here');
  });

  it('reports an ingest that speaks something else, or nothing', async () => {
    const web = await ingest((socket) => socket.write('HTTP/1.1 400 Bad Request\r\n\r\n'));
    expect((await failure(web.url)).message).toContain('does not speak RTMP');
    web.server.close();
    const sockets: Socket[] = [];
    const mute = await ingest((socket) => sockets.push(socket));
    expect((await failure(mute.url, 100)).code).toBe('ERR_RTMP_REFUSED');
    for (const socket of sockets) socket.destroy();
    mute.server.close();
  });

  it('reports the loss of an ingest once', async () => {
    const sockets: Socket[] = [];
    const { server, url } = await ingest((socket) => {
      sockets.push(socket);
      speaking(accept)(socket);
    });
    const publisher = publisherFor(url);
    const codes: string[] = [];
    const lost = new Promise<void>((resolve) => {
      publisher.onLost = (error) => {
        codes.push(error.code);
        resolve();
      };
    });
    await publisher.open();
    sockets[0]?.resetAndDestroy();
    await lost;
    publisher.send(makeTag(tagType.video, 0, Buffer.alloc(10)), 0);
    await publisher.close();
    server.close();
    expect(codes).toEqual(['ERR_RTMP_LOST']);
  });
});
