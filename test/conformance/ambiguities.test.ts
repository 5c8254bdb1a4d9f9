import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import type { SpeechEvent } from '../../src/driver/index.js';
import { readFrame } from '../../src/wire/index.js';
import { closeAll, newDriver, ramp, startCloud, type Script } from '../driver/cloud.js';

/**
 * What the documents leave open or contradict (§12 of the protocol): how we read
 * each, and the case that shows it. Those that have no better home are below.
 */
const readings: readonly [row: number, reading: string, file: string, title: string][] = [
  [1, 'a comma before a brace is no JSON', 'conformance/documented-samples', 'as it stands, is no JSON'],
  [2, 'a missing comma is no JSON', 'conformance/documented-samples', 'as it stands, is no JSON'],
  [3, 'comments are no JSON', 'conformance/documented-samples', 'as it stands, is no JSON'],
  [4, 'a lost ReqId is looked for', 'conformance/documented-samples', 'a piece of it is lost'],
  [5, 'Sta is Start', 'conformance/documented-samples', 'the misspelt one too'],
  [6, 'times come from Phn only', 'conformance/ambiguities', 'Word gives no time'],
  [7, 'another StreamId is no reason to drop', 'driver/drive', 'takes the damaged sample of the vendor'],
  [8, 'blanks and case in enumerations', 'conformance/ambiguities', 'blanks in a ReplyType'],
  [9, 'text runs ahead of speech', 'conformance/ambiguities', 'text may run ahead of speech'],
  [10, 'PlayStreamAddr is opaque', 'wire/interactive-rest', 'reads the sample of the documents'],
  [11, 'numbers as strings', 'wire/read-frame', 'takes numbers as strings and strings as numbers'],
  [12, '100 ns', 'wire/ticks', 'is exact where floating point is not'],
  [13, 'DriverType in two types', 'wire/interactive-rest', 'keeps what it can of unknown numbers'],
  [14, 'IsFinal is not Final', 'wire/read-frame', 'reads back what the writer wrote'],
  [15, 'null is empty', 'wire/read-frame', 'takes null and missing as empty'],
  [16, 'parts of rows', 'wire/join', 'carries part of a row within a clause'],
  [17, 'values outside 0 to 1', 'wire/join', 'repeats the row before one that is not finite'],
  [18, 'unknown ContentType', 'conformance/ambiguities', 'ContentType 7 passes through'],
  [19, 'forms of ids', 'conformance/vendor-clients', 'a ReqId with dashes, and any StreamId'],
  [20, 'StreamId is the client’s', 'driver/drive', 'keeps the socket and the conversation'],
  [21, 'two SpeechParams', 'wire/interactive-rest', 'has every documented name of a creation'],
  [22, 'Speed in percent, with fractions', 'conformance/interactive-rest', "['Speed', [50, 99.5, 200]"],
  [23, 'heartbeats of 45 s', 'driver/interactive/outage', 'are never closer than 30 s'],
  [24, '10 minutes', 'conformance/interactive-life', 'a session is closed after 10 minutes'],
  [25, '1000 bytes a packet', 'driver/interactive/streams', 'packets of at most 1000 bytes'],
  [26, '4000 bytes of UTF-8', 'conformance/interactive-text', 'may have 4000 bytes of UTF-8'],
  [27, 'Interrupt in both meanings', 'conformance/interactive-text', 'with Interrupt is forced through'],
  [28, 'clause mode with and without final', 'conformance/interactive-stream', 'left without a final packet'],
  [
    29,
    'any number but 0 interrupts',
    'conformance/interactive-stream',
    'with the number of its final packet',
  ],
  [30, 'one ReqId for a stream', 'conformance/interactive-stream', 'is one drive with one ReqId'],
  [31, 'no SessionId of ours', 'wire/interactive-rest', 'leaves out what is not given'],
  [32, 'Uninterrupt: true is not interruptible', 'driver/drive', 'goes on after a typed refusal'],
  [33, 'Muted: true closes the microphone', 'server/script', 'marks the clauses that hold its words'],
  [34, 'Action.Pos is a name', 'conformance/vendor-clients', 'with an insert-action in it'],
  [35, 'Expression is a face', 'wire/join', 'joins the parts of an expression over messages'],
  [36, 'clauses end where others begin', 'conformance/ambiguities', 'a clause ends where another begins'],
  [37, 'ThFeatFinal ends no drive', 'conformance/ambiguities', 'ThFeatFinal ends no drive'],
  [38, 'SeqNo from 0 or 1', 'conformance/ambiguities', 'clauses may be counted from 0'],
  [39, 'base of later times', 'driver/drive', 'count from the start of the drive'],
  [40, 'rate and order of the mouth', 'wire/join', 'is a permutation of the 52 ARKit names'],
  [41, 'SSML is not streamed', 'conformance/driverengine', 'is not taken in SSML'],
  [42, 'empty text', 'wire/request', 'allows an empty closing fragment'],
  [43, 'no documented length', 'wire/request', 'warns of a text over the usual limit'],
  [44, 'header before payload', 'wire/read-frame', 'reads a failure of the %s'],
  [45, 'a lost socket', 'driver/resume', 'ends with what was not spoken'],
];

describe('§12', () => {
  it.each(readings)('%i %s: has a case', (_row, _reading, file, title) =>
    expect(readFileSync(new URL(`../${file}.test.ts`, import.meta.url), 'utf8')).toContain(title),
  );
  it('is covered row by row', () =>
    expect(readings.map(([row]) => row)).toEqual(Array.from({ length: 45 }, (_, i) => i + 1)));
});

const frame = (Payload: object): string =>
  JSON.stringify({ Header: { Code: 0 }, Payload: { ReqId: 'r', ErrorCode: 0, ...Payload } });

describe('one frame', () => {
  it('6 Word gives no time, whatever its phones are called', () => {
    const SpeechRsp = {
      Phn: [
        { Phn: 'g1', Start: '0', End: '500000' },
        { Phn: 'ong1', Start: '500000', End: '900000' },
      ],
      Word: [{ Phn: 'g-ng1', Word: 'x' }],
    };
    const reading = readFrame(frame({ DriverRspType: 'SPEECH', SpeechRsp }));
    expect(reading.warnings).toEqual([]);
    expect(reading.frame).toMatchObject({
      speech: {
        timing: {
          phones: [
            { phone: 'g1', start: 0, end: 500_000 },
            { phone: 'ong1', start: 500_000, end: 900_000 },
          ],
          words: [{ word: 'x', phones: 'g-ng1' }],
        },
      },
    });
  });
  it('8 blanks in a ReplyType, and any case of a DriverRspType, do not matter; unknown ones pass through', () => {
    for (const [written, read] of [
      ['cloudAiGp t', 'cloudAiGpt'],
      ['somethingNew', 'somethingNew'],
    ])
      expect(
        readFrame(frame({ DriverRspType: ' reply', ReplyRsp: { ReplyType: written } })).frame,
      ).toMatchObject({ kind: 'reply', reply: { replyType: read } });
  });
  it('18 ContentType 7 passes through', () =>
    expect(readFrame(frame({ DriverRspType: 'REPLY', ReplyRsp: { ContentType: 7 } })).frame).toMatchObject({
      reply: { contentType: 7 },
    }));
});

describe('one drive', () => {
  afterEach(closeAll);
  const events = async (script: Script): Promise<{ kinds: string[]; speeches: SpeechEvent[] }> => {
    const kinds: string[] = [];
    const speeches: SpeechEvent[] = [];
    const drive = newDriver((await startCloud(script)).url).text('x');
    for await (const event of drive) {
      kinds.push(event.type);
      if (event.type === 'speech') speeches.push(event);
    }
    expect((await drive.done).ended).toBe('final');
    return { kinds, speeches };
  };
  const sound = { sampleRate: 24_000, pcm: ramp(0.5) };
  const row = (value: number): number[] => Array.from({ length: 52 }, () => value);

  it('9 text may run ahead of speech, last clause and all', async () => {
    const { kinds } = await events((request, { reply, speech }) => {
      for (const clause of [1, 2, 3]) reply(request, clause, { last: clause === 3 });
      for (const clause of [1, 2, 3])
        speech(request, { clause, clauseStart: true, ...sound, final: clause === 3 });
    });
    expect(kinds).toEqual(['reply', 'reply', 'reply', 'speech', 'speech', 'speech']);
  });
  it('36 a clause ends where another begins, told or not', async () => {
    const { speeches } = await events((request, { speech }) => {
      speech(request, { clause: 1, clauseStart: true, ...sound });
      speech(request, { clause: 2, ...sound });
      speech(request, { clause: 2, ...sound });
      speech(request, { clause: 3, clauseStart: true, ...sound });
      speech(request, { clause: 3, final: true });
    });
    expect(speeches.map((event) => event.clauseAudioStart)).toEqual(
      [0, 0.5, 0.5, 1.5, 1.5].map((s) => s * 1e7),
    );
  });
  it('37 ThFeatFinal ends no drive, and rows of the clause that come after it count', async () => {
    const { speeches } = await events((request, { speech }) => {
      const mouth = { featureDimension: 52, featureFamily: '3D_standard' };
      speech(request, {
        clause: 1,
        clauseStart: true,
        ...sound,
        ...mouth,
        features: row(0.5),
        featuresFinal: true,
      });
      speech(request, { clause: 1, ...sound, ...mouth, features: row(0.25), featuresFinal: true });
      speech(request, { clause: 1, final: true });
    });
    expect(speeches.map(({ packet }) => packet?.features[0])).toEqual([0.5, 0.25, undefined]);
  });
  it('38 clauses may be counted from 0 or from 1', async () => {
    const from = async (first: number): Promise<unknown> => {
      const { speeches } = await events((request, { reply, speech }) => {
        for (const n of [0, 1]) reply(request, first + n, { last: n === 1 });
        for (const n of [0, 1])
          speech(request, { clause: first + n, clauseStart: true, ...sound, final: n === 1 });
      });
      return speeches.map(({ clause, audioStart, clauseAudioStart, clauseStart }) => [
        clause - first,
        audioStart,
        clauseAudioStart,
        clauseStart,
      ]);
    };
    expect(await from(0)).toEqual(await from(1));
  });
});
