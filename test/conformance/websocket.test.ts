import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { signedUrl } from '../server/client.js';
import { ChannelClient, ready } from '../server/interactive/client.js';
import { world, type World } from '../server/interactive/world.js';
import { ToneVoice } from '../tools/tone-voice.js';
import { closePayload, frameBytes, opcode, RawClient, type FrameInput } from './raw-client.js';

/**
 * RFC 6455 against both sockets of our server, over a bare one, in the groups of
 * the Autobahn suite. The server echoes nothing; a message that is not a request
 * is answered with a failure frame, which shows that it came in as one text.
 */
let shared: World;
beforeAll(async () => {
  shared = await world({ maxSessions: 1000 }, { voice: new ToneVoice(), pace: 'asap' });
});
afterAll(() => shared.cloud.close());

/** Makes an address that opens one socket. A channel needs a session of its own: a second one would end the first. */
const addresses = {
  driverengine: () => Promise.resolve(signedUrl(shared.cloud.connection)),
  commandchannel: async () => {
    const { connection } = shared.cloud;
    return ChannelClient.url(connection, (await ready(connection)).id);
  },
};

describe.each(Object.entries(addresses))('%s', (_name, address) => {
  async function newClient(): Promise<RawClient> {
    const client = await RawClient.open(await address());
    expect(client.status).toBe(101);
    return client;
  }

  /** The failure that answers a text that is no request. */
  async function answer(client: RawClient): Promise<string> {
    const frame = await client.next();
    expect(frame).toMatchObject({ fin: true, opcode: opcode.text });
    const { Header } = JSON.parse(frame!.payload.toString('utf8')) as {
      Header: { Code: number; Message: string };
    };
    expect(Header.Code).toBe(100001);
    return Header.Message;
  }

  const text = (payload: Buffer | string, more: Partial<FrameInput> = {}): FrameInput => ({
    opcode: opcode.text,
    payload,
    ...more,
  });
  const rest = (payload: Buffer | string, more: Partial<FrameInput> = {}): FrameInput => ({
    opcode: opcode.continuation,
    payload,
    ...more,
  });
  const open = { fin: false } as const;

  /** Writes the parts and expects the server to close with a code. */
  function ends(code: number, ...parts: (Buffer | FrameInput)[]): () => Promise<void> {
    return async () => {
      const client = await newClient();
      client.write(...parts);
      expect(await client.closed()).toBe(code);
    };
  }

  /** Writes the parts and expects them to be taken as `messages` messages, then a normal close. */
  function taken(messages: number, ...parts: (Buffer | FrameInput)[]): () => Promise<void> {
    return async () => {
      const client = await newClient();
      client.write(...parts);
      for (let i = 0; i < messages; i++)
        expect(await answer(client)).toMatch(/not valid JSON|must be an object/);
      client.write({ opcode: opcode.close, payload: closePayload(1000) });
      expect(await client.closed()).toBe(1000);
    };
  }

  describe('0 handshake', () => {
    const refused: [string, Record<string, string>, number][] = [
      ['without a key', { 'Sec-WebSocket-Key': '' }, 400],
      ['with a key of a wrong length', { 'Sec-WebSocket-Key': 'c2hvcnQ=' }, 400],
      ['of another version', { 'Sec-WebSocket-Version': '7' }, 400],
      ['without a version', { 'Sec-WebSocket-Version': '' }, 400],
      ['for another protocol than WebSocket', { Upgrade: 'h2c' }, 400],
    ];
    it.each(refused)('%s is refused', async (_name, headers, status) => {
      const client = await RawClient.open(await address(), headers);
      expect(client.status).toBe(status);
      client.destroy();
    });

    it('accepts names of headers in any case, and offers no extension that was not asked for', async () => {
      const client = await RawClient.open(await address(), { Upgrade: 'WebSocket' });
      expect(client.status).toBe(101);
      expect(client.head).not.toMatch(/sec-websocket-extensions/i);
      client.destroy();
    });

    it('declines compression when it is offered', async () => {
      const headers = { 'Sec-WebSocket-Extensions': 'permessage-deflate; client_max_window_bits' };
      const client = await RawClient.open(await address(), headers);
      expect(client.status).toBe(101);
      expect(client.head).not.toMatch(/sec-websocket-extensions/i);
      client.destroy();
    });

    it('does not wait for ever for the end of a request', async () => {
      const client = await RawClient.open(await address(), { 'X-Long': 'x'.repeat(20_000) });
      expect(client.status).toBe(431);
      client.destroy();
    });
  });

  describe('1 framing', () => {
    it.each([0, 1, 125, 126, 127, 128, 65_535, 65_536])('1.1 takes a text of %i bytes', (length) =>
      taken(1, text('*'.repeat(length)))(),
    );
    it('1.1.9 refuses one byte more than the limit', ends(1009, text('*'.repeat(65_537))));
    it('1.1.10 refuses a length of 2^63', ends(1009, text('x', { statedLength: 1n << 63n })));
    it.each([1, 7, 997])('1.1.8 takes a text that comes in pieces of %i bytes', async (step) => {
      const client = await newClient();
      await client.drip(frameBytes(text('*'.repeat(300))), step);
      await answer(client);
      client.destroy();
    });
    it(
      '1.1.11 takes many frames in one packet',
      taken(20, ...Array.from({ length: 20 }, (_, i) => text(`${i}`))),
    );
    it('1.2 does not take binary, and tells it', async () => {
      const client = await newClient();
      client.write({ opcode: opcode.binary, payload: 'x' });
      expect(await answer(client)).toMatch(/only text frames/);
      expect(await client.closed()).toBe(1003);
    });
    it('1.3 refuses a frame without a mask', ends(1002, text('x', { masked: false })));
  });

  describe('2 pings and pongs', () => {
    it.each([0, 5, 125])('2.1 answers a ping of %i bytes with the same', async (length) => {
      const client = await newClient();
      const payload = Buffer.from(Array.from({ length }, (_, i) => 255 - i));
      client.write({ opcode: opcode.ping, payload });
      expect(await client.next()).toMatchObject({ fin: true, opcode: opcode.pong, payload });
      client.destroy();
    });
    it('2.5 refuses a ping of 126 bytes', ends(1002, { opcode: opcode.ping, payload: 'x'.repeat(126) }));
    it('2.6 answers a ping that comes byte by byte', async () => {
      const client = await newClient();
      await client.drip(frameBytes({ opcode: opcode.ping, payload: 'slow' }));
      expect((await client.next())?.payload.toString()).toBe('slow');
      client.destroy();
    });
    it(
      '2.7 ignores a pong that nobody asked for',
      taken(1, { opcode: opcode.pong, payload: 'x' }, text('x')),
    );
    it('2.10 answers ten pings in order', async () => {
      const client = await newClient();
      client.write(...Array.from({ length: 10 }, (_, i) => ({ opcode: opcode.ping, payload: `${i}` })));
      for (let i = 0; i < 10; i++) expect((await client.next())?.payload.toString()).toBe(`${i}`);
      client.destroy();
    });
  });

  describe('3 reserved bits', () => {
    it.each([1, 2, 3, 4, 5, 6, 7])('3.%i are refused in a text', (reserved) =>
      ends(1002, text('x', { reserved }))(),
    );
    it.each([1, 4])('3.%i are refused in a ping', (reserved) =>
      ends(1002, { opcode: opcode.ping, reserved })(),
    );
  });

  describe('4 opcodes', () => {
    it.each([3, 4, 5, 6, 7])('4.1 refuses data opcode %i', (code) =>
      ends(1002, { opcode: code, payload: 'x' })(),
    );
    it.each([11, 12, 13, 14, 15])('4.2 refuses control opcode %i', (code) => ends(1002, { opcode: code })());
    it('4.1.3 answers what came before a bad opcode', async () => {
      const client = await newClient();
      client.write(text('x'), { opcode: 5 });
      await answer(client);
      expect(await client.closed()).toBe(1002);
    });
  });

  describe('5 fragments', () => {
    it('5.1 refuses a ping in fragments', ends(1002, { opcode: opcode.ping, ...open }, rest('')));
    it('5.2 refuses a pong in fragments', ends(1002, { opcode: opcode.pong, ...open }, rest('')));
    it('5.3 joins two fragments', taken(1, text('a', open), rest('b')));
    it(
      '5.4 joins 60 fragments',
      taken(1, text('a', open), ...Array<FrameInput>(58).fill(rest('b', open)), rest('c')),
    );
    it('5.5 refuses more fragments than a text can need', ends(1008, text('a', open), ...Array<FrameInput>(100).fill(rest('b', open)), rest('c'))); // prettier-ignore
    it('5.6 answers a ping between two fragments', async () => {
      const client = await newClient();
      client.write(text('a', open), { opcode: opcode.ping, payload: 'now' }, rest('b'));
      expect(await client.next()).toMatchObject({ opcode: opcode.pong });
      await answer(client);
      client.destroy();
    });
    it('5.8 joins fragments that come byte by byte', async () => {
      const client = await newClient();
      await client.drip(Buffer.concat([text('a', open), rest('b', open), rest('c')].map(frameBytes)));
      await answer(client);
      client.destroy();
    });
    it('5.9 refuses a continuation of nothing', ends(1002, rest('x')));
    it('5.10 refuses an unfinished continuation of nothing', ends(1002, rest('x', open)));
    it('5.13 refuses a continuation after a whole message', async () => {
      const client = await newClient();
      client.write(text('x'), rest('y'));
      await answer(client);
      expect(await client.closed()).toBe(1002);
    });
    it('5.18 refuses a new text inside a fragmented one', ends(1002, text('a', open), text('b')));
    it('5.19 takes empty fragments', taken(1, text('', open), rest('', open), rest('x')));
    it(
      '5.20 counts the limit over all fragments',
      ends(1009, text('x'.repeat(40_000), open), rest('x'.repeat(40_000))),
    );
  });

  describe('6 UTF-8', () => {
    const good = ['Grüße', 'κόσμε', '世界', '😀', '\u0000', '\u007f', '\u0080', '\u07ff', '\u0800', '\ud7ff', '\ue000', '\uffff', '\u{10ffff}']; // prettier-ignore
    it.each(good.map((sample) => [Buffer.from(sample).toString('hex'), sample]))(
      '6.2 takes %s',
      (_hex, sample) => taken(1, text(sample))(),
    );
    it('6.2.3 takes a character that is cut between fragments', taken(1, text(Buffer.from('😀').subarray(0, 2), open), rest(Buffer.from('😀').subarray(2)))); // prettier-ignore
    const bad: [string, string][] = [
      ['a lone continuation byte', '80'],
      ['a lone start byte', 'c3'],
      ['a start byte before a letter', 'c328'],
      ['an overlong slash', 'c0af'],
      ['an overlong NUL', 'e08080'],
      ['a surrogate', 'eda080'],
      ['a pair of surrogates', 'eda081edb080'],
      ['a point above 10FFFF', 'f4908080'],
      ['five bytes', 'f888808080'],
      ['FE and FF', 'feff'],
      ['text with the end of a character missing', '48c3'],
    ];
    it.each(bad)('6.3 refuses %s', (_name, hex) => ends(1007, text(Buffer.from(hex, 'hex')))());
    it('6.4 refuses it in fragments too', ends(1007, text(Buffer.from('ceba', 'hex'), open), rest(Buffer.from('f4908080', 'hex')))); // prettier-ignore
  });

  describe('7 close', () => {
    it(
      '7.1.1 answers a close, and ends',
      ends(1000, { opcode: opcode.close, payload: closePayload(1000, 'bye') }),
    );
    it('7.1.2 takes nothing after a close', async () => {
      const client = await newClient();
      client.write({ opcode: opcode.close, payload: closePayload(1000) }, text('late'));
      // Not a failure frame first.
      expect((await client.next())?.opcode).toBe(opcode.close);
      client.destroy();
    });
    it('7.3.1 takes a close without a code', ends(1005, { opcode: opcode.close }));
    it('7.3.2 refuses a close of one byte', ends(1002, { opcode: opcode.close, payload: 'x' }));
    it('7.3.6 refuses a close of 126 bytes', ends(1002, { opcode: opcode.close, payload: closePayload(1000, 'x'.repeat(124)) })); // prettier-ignore
    it('7.5.1 refuses a reason that is not UTF-8', ends(1007, { opcode: opcode.close, payload: closePayload(1000, Buffer.from('eda080', 'hex')) })); // prettier-ignore
    it.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999])(
      '7.7 takes code %i',
      (code) => ends(code, { opcode: opcode.close, payload: closePayload(code) })(),
    );
    it.each([0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])(
      '7.9 refuses code %i',
      (code) => ends(1002, { opcode: opcode.close, payload: closePayload(code) })(),
    );
  });

  describe('9 limits', () => {
    it('9.1 keeps nothing of a frame that only says to be large', async () => {
      const clients = await Promise.all(Array.from({ length: 20 }, newClient));
      for (const client of clients)
        client.write(frameBytes(text('', { statedLength: 60_000n })).subarray(0, 14));
      // The others are served while these never send what they promised.
      await taken(1, text('x'))();
      for (const client of clients) client.destroy();
    });
    it('9.2 ends a socket that the peer resets in the middle of a frame, and no other', async () => {
      const other = await newClient();
      const client = await newClient();
      client.write(frameBytes(text('x'.repeat(1000))).subarray(0, 500));
      client.destroy();
      other.write(text('x'));
      await answer(other);
      other.destroy();
    });
    it('9.3 ends a socket that nests too deep, and tells it', async () => {
      const client = await newClient();
      client.write(text('[{"a":'.repeat(20_000).slice(0, 65_536)), text('late'));
      expect(await answer(client)).toMatch(/nested deeper than 16/);
      expect((await client.next())?.opcode).toBe(opcode.close);
      client.destroy();
    });
  });
});
