import { describe, expect, it } from 'vitest';
import {
  maxAudioBytes,
  maxTextBytes,
  newerFragmentBytes,
  readChannelMessage,
  readCommand,
  readRestRequest,
  readRestResponse,
  restPaths,
  utf8Length,
  writeChannelError,
  writeCommand,
  writeContent,
  writeRestError,
  writeRestRequest,
  writeRestResponse,
  writeStatus,
  writeUninterruptible,
  type Command,
  type RestCall,
} from '../../src/wire/index.js';
import { dice, mutate, rounds } from './mutate.js';
import { commandIds, commands, requestId, restRequests, restResponses } from './session-samples.js';

const calls = Object.keys(restPaths) as RestCall[];
const each = rounds / 4;
const bytes = (text: string): Buffer => Buffer.from(text);

/** Reads so many mutations of each sample in turn, and counts what came of them. What a reader throws fails the test. */
function outcomes<S extends { readonly sample: Buffer }>(
  seed: number,
  samples: readonly S[],
  read: (input: Uint8Array, of: S) => string,
): Record<string, number> {
  const roll = dice(seed);
  const counts: Record<string, number> = {};
  for (let i = 0; i < each; i++) {
    const of = samples[i % samples.length];
    const outcome = read(mutate(of.sample, roll), of);
    counts[outcome] = (counts[outcome] ?? 0) + 1;
  }
  return counts;
}

/** A broken bound of what the server acts upon, said in a word. */
function excess(command: Command): string | undefined {
  if (command.kind === 'text' && utf8Length(command.text) > maxTextBytes) return 'text';
  if (command.kind === 'stream' && utf8Length(command.text) > newerFragmentBytes) return 'fragment';
  if (command.kind === 'audio' && command.pcm.byteLength > maxAudioBytes) return 'sound';
  if ('sequence' in command && !(Number.isSafeInteger(command.sequence) && command.sequence >= 0))
    return 'number';
  return command.sessionId === '' || command.requestId === '' ? 'id' : undefined;
}

/** Judges a refusal, which goes back to the client. */
function refused(refusal: {
  readonly code: number;
  readonly message: string;
  readonly requestId: string | undefined;
}): string {
  const { code, message, requestId: id = '' } = refusal;
  if (code !== 100001 || message.length > 300 || id.length > 64) throw new Error(`refused with ${message}`);
  return 'refused';
}

/** Every kind came, so that the loop is worth something: the mutations reach past the JSON parser. */
function expectAll(counts: Record<string, number>, kinds: readonly string[]): void {
  expect(Object.keys(counts).sort()).toEqual([...kinds].sort());
  for (const kind of kinds) expect(counts[kind]).toBeGreaterThan(10);
}

describe(`the readers of sessions, ${each} mutations each`, () => {
  it('commands: none throws, and none that is taken is out of bounds', { timeout: 0 }, () => {
    const samples = commands.map((command) => ({ sample: bytes(writeCommand(command)) }));
    const counts = outcomes(1, samples, (input) => {
      const reading = readCommand(input);
      if (!reading.ok) return refused(reading.refusal);
      const broken = excess(reading.command);
      if (broken !== undefined || reading.warnings.length > 8) throw new Error(`taken with ${broken}`);
      return reading.command.kind;
    });
    expectAll(counts, ['heartbeat', 'text', 'stream', 'audio', 'refused']);
  });

  it('messages of the channel: none throws, and numbers are numbers', { timeout: 0 }, () => {
    const content = {
      content: 'answer',
      text: 'q',
      displayText: 'a',
      contentType: '4',
      sequence: 2,
    } as const;
    const samples = [
      writeStatus(commandIds, 'text-over', { sequence: 1, audioEnd: 'client' }),
      writeStatus(commandIds, 'error', { errorCode: -111005, errorMessage: 'no' }),
      writeContent(commandIds, { ...content, interactionContent: '{}', spoken: true }),
      writeChannelError(commandIds, 110014, 'gone', 'header', 7),
      writeChannelError(commandIds, 110015, 'no', 'payload'),
      writeUninterruptible(commandIds, 110015, 'no'),
      '{"Header":{"Code":1,"Message":"pong frame"}}',
    ].map((text) => ({ sample: bytes(text) }));
    const counts = outcomes(2, samples, (input) => {
      const message = readChannelMessage(input);
      if ('sequence' in message && !Number.isSafeInteger(message.sequence)) throw new Error('number');
      return message.kind;
    });
    expectAll(counts, ['status', 'content', 'error', 'uninterruptible', 'pong', 'other', 'malformed']);
  });

  it('REST requests: none throws, and none that is taken is out of bounds', { timeout: 0 }, () => {
    const sampleOfPage = `{ "Header": { }, "Payload": { "ReqId": "${requestId}", "AssetVirtualmanKey": "${requestId}", "DriverType": 1, "UserId": "henry", "Protocol": "rtmp" } }`;
    const samples = [
      { call: 'createByAsset' as const, sample: bytes(sampleOfPage) },
      ...calls.map((call) => ({ call, sample: bytes(writeRestRequest(call, restRequests[call])) })),
    ];
    const counts = outcomes(3, samples, (input, { call }) => {
      const reading = readRestRequest(call, input);
      if (!reading.ok) return refused(reading.refusal);
      const { request } = reading;
      if ('kind' in request && excess(request) !== undefined) throw new Error('command');
      if ('userId' in request) {
        const { streamMaxIntervalMs: interval = 2000, backgrounds = [], foregrounds = [] } = request;
        if (!(interval >= 2000 && interval <= 6000)) throw new Error('interval');
        if (backgrounds.length + foregrounds.length > 5) throw new Error('layers');
      }
      return call;
    });
    expectAll(counts, ['refused', ...calls]);
  });

  it('REST answers: none throws', { timeout: 0 }, () => {
    const samples = [
      { call: 'stat' as const, sample: bytes(writeRestError(110018, 'SessionNotFound: no', '123')) },
      ...calls.map((call) => ({ call, sample: bytes(writeRestResponse(call, restResponses[call], '1')) })),
    ];
    const counts = outcomes(4, samples, (input, { call }) => readRestResponse(call, input).kind);
    expectAll(counts, ['answer', 'error', 'malformed']);
  });

  it('leave no mark on what all objects share', () => {
    expect(Object.keys(Object.prototype)).toEqual([]);
    const polluted = '{"Payload":{"__proto__":{"ReqId":"x","SessionId":"y"},"Command":"SEND_HEARTBEAT"}}';
    expect(readCommand(polluted)).toMatchObject({ ok: false, refusal: { field: 'ReqId' } });
  });
});
