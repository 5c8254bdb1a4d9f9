import { describe, expect, it } from 'vitest';
import {
  readFrame,
  toTicks,
  writeErrorFrame,
  writePongFrame,
  writeReplyFrame,
  writeSpeechFrame,
  type Speech,
} from '../../src/wire/index.js';
import { damagedReply, damagedSpeech, sampleRequestId } from './samples.js';

const to = { requestId: 'r', streamId: 's' };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function speechOf(text: string): { speech: Speech; codes: string[] } {
  const { frame, warnings } = readFrame(bytes(text));
  if (frame.kind !== 'speech') throw new Error(`expected speech, read ${frame.kind}`);
  return { speech: frame.speech, codes: warnings.map((warning) => warning.code) };
}
const speechWith = (fields: object): string =>
  JSON.stringify({ Payload: { DriverRspType: 'SPEECH', ReqId: 'r', StreamId: 's', SpeechRsp: fields } });

describe('readFrame on the vendor samples', () => {
  it('finds the ids of the damaged reply', () => {
    const { frame, warnings } = readFrame(damagedReply);
    expect(frame).toMatchObject({
      kind: 'reply',
      requestId: sampleRequestId,
      streamId: '92597c35-3a99-415e-9bae-3124771b7749',
      reply: {
        replyType: 'input',
        clause: 2,
        last: true,
        spoken: true,
        uninterruptible: false,
        contentType: 1,
      },
    });
    expect(warnings.map((warning) => warning.code)).toEqual(['id-assumed']);
  });
  it('reads the damaged speech whole', () => {
    const { speech, codes } = speechOf(damagedSpeech);
    const { phones, subtitles, words } = speech.timing;
    expect(phones).toHaveLength(17);
    for (let i = 1; i < phones.length; i++) expect(phones[i].start).toBe(phones[i - 1].end);
    expect(phones.at(-1)!.end).toBe(24_200_000);
    expect(subtitles.map((span) => span.start)).toEqual(
      [2, 27, 51, 73, 90, 113, 140, 160].map((n) => n * 100_000),
    );
    expect(subtitles.at(-1)).toMatchObject({ positionStart: 7, positionEnd: 9 });
    expect(words[1]).toEqual({ word: 'manual', phones: 'r-en2|g-ng1' });
    expect(codes).toEqual(['start-assumed']);
  });
});

describe('readFrame', () => {
  it('reads back what the writer wrote', () => {
    const pcm = Int16Array.from([0, 1, -1, 32767, -32768]);
    const input = {
      clause: 3,
      clauseStart: true,
      clauseEnd: true,
      final: true,
      featuresFinal: true,
      sampleRate: 24_000,
      featureDimension: 2,
      featureFamily: '3D_standard',
      phones: [{ phone: 'sil0', start: toTicks(0), end: toTicks(200_000) }],
      words: [{ word: 'hi', phones: 'h-ai4' }],
      subtitles: [{ text: '😀', start: toTicks(1), end: toTicks(2), positionStart: 0, positionEnd: 1 }],
      actions: [{ name: 'wave', start: toTicks(5) }],
      expressions: [{ name: 'joy', start: toTicks(1), end: toTicks(9), position: 4, part: 'whole' as const }],
    };
    const { speech, codes } = speechOf(writeSpeechFrame(to, { ...input, pcm, features: [0.25, 1 / 3] }));
    const { audio, features, timing, ...rest } = speech;
    expect(codes).toEqual([]);
    expect({ ...rest, ...timing }).toEqual(input);
    expect(new Int16Array(Uint8Array.from(audio).buffer)).toEqual(pcm);
    expect(features).toEqual(Float32Array.from([0.25, 0.333333]));
  });
  it('finds zero-valued sibling objects in what the writer wrote', () => {
    const speech = JSON.parse(writeSpeechFrame(to, { clause: 1, final: true })) as {
      Payload: Record<string, object>;
    };
    const reply = JSON.parse(
      writeReplyFrame(to, { replyType: 'input', displayText: 'x', clause: 1 }),
    ) as typeof speech;
    expect(speech.Payload['ReplyRsp']).toMatchObject({ ReplyType: '', SeqNo: 0, Uninterrupt: false });
    expect(reply.Payload['SpeechRsp']).toEqual({
      Action: [], Audio: '', Expression: [], Final: false, Phn: [], RealThType: '', Sampling: 0, SentenceFinal: false,
      SentenceStart: false, SeqNo: 0, Subtitle: [], ThDim: 0, ThFeat: [], ThFeatFinal: false, Word: [],
    }); // prettier-ignore
  });
  it('writes features with at most six significant digits', () => {
    const text = writeSpeechFrame(to, {
      clause: 1,
      features: Float32Array.from([1 / 3, 0.1, 1, 123.456789]),
    });
    expect(text).toContain('"ThFeat":[0.333333,0.1,1,123.457]');
  });
  it('refuses to write a feature that is not a number', () => {
    expect(() => writeSpeechFrame(to, { clause: 1, features: [NaN] })).toThrow(
      expect.objectContaining({ code: 'ERR_FEATURES_INVALID' }),
    );
  });
  it.each(['header', 'payload'] as const)('reads a failure of the %s', (place) => {
    expect(readFrame(writeErrorFrame(to, -101001, 'Busy: later', place)).frame).toEqual({
      kind: 'error', code: -101001, message: 'Busy: later', place, ...to,
    }); // prettier-ignore
  });
  it('reads a failure without a payload', () => {
    expect(readFrame('{"Header":{"Code":100005,"Message":"no"}}').frame).toMatchObject({
      kind: 'error',
      code: 100005,
    });
  });
  it('knows the pong that looks like a failure', () =>
    expect(readFrame(writePongFrame(to)).frame).toEqual({ kind: 'pong' }));
  it('ignores the case of first letters and unknown fields', () => {
    const text =
      '{"header":{"code":0},"payload":{"driverRspType":"sp eech","reqId":"r","future":[{}],"speechRsp":{"seqNo":4,"final":true}}}';
    expect(readFrame(text).frame).toMatchObject({
      kind: 'speech',
      requestId: 'r',
      speech: { clause: 4, final: true },
    });
  });
  it('takes null and missing as empty', () => {
    const { speech, codes } = speechOf(speechWith({ Audio: null, Phn: null, ThFeat: null, Sampling: null }));
    expect(speech).toMatchObject({ sampleRate: 0, clause: 0, final: false, timing: { phones: [] } });
    expect(codes).toEqual([]);
  });
  it('takes numbers as strings and strings as numbers', () => {
    const { speech, codes } = speechOf(
      speechWith({ Sampling: '24000', SeqNo: '2', Final: 1, Phn: [{ Phn: 'a', Start: 0, End: 10 }] }),
    );
    expect(speech).toMatchObject({ sampleRate: 24_000, clause: 2, final: true });
    expect(speech.timing.phones).toEqual([{ phone: 'a', start: 0, end: 10 }]);
    expect(codes).toEqual([]);
  });
  it('drops only the item whose time is not a number', () => {
    const { speech, codes } = speechOf(
      speechWith({ Phn: [{ Phn: 'a', Start: '0', End: '5' }, { Phn: 'b', Start: 'x', End: '9' }, 7] }),
    );
    expect(speech.timing.phones).toHaveLength(1);
    expect(codes).toEqual(['item-dropped', 'item-dropped']);
  });
  it('leaves audio out that is not base64 and keeps the rest', () => {
    const { speech, codes } = speechOf(speechWith({ Audio: 'AAA*', ThFeat: [1], SeqNo: 2 }));
    expect(speech.audio).toHaveLength(0);
    expect(speech).toMatchObject({ clause: 2, features: Float32Array.from([1]) });
    expect(codes).toEqual(['base64-invalid']);
  });
  it('marks features that are not finite numbers', () => {
    const text = speechWith({ ThFeat: [0.5, null, 'x', 0] }).replace('"x"', '1e999');
    expect([...speechOf(text).speech.features]).toEqual([0.5, NaN, NaN, 0]);
  });
  it.each([
    ['invalid UTF-8', new Uint8Array([0x7b, 0x22, 0xff, 0x22, 0x7d])],
    ['half a frame', bytes(damagedSpeech.slice(0, 400))],
    ['a bare NaN', '{"Payload":{"DriverRspType":"SPEECH","SpeechRsp":{"ThFeat":[NaN]}}}'],
    ['an array', '[]'],
    ['nothing', ''],
  ])('says malformed for %s', (_name, input) => {
    const { frame, warnings } = readFrame(input);
    expect(frame.kind).toBe('malformed');
    expect(warnings).toHaveLength(1);
  });
  it('bounds the warnings of a hostile frame', () => {
    expect(
      speechOf(speechWith({ Phn: Array.from({ length: 5000 }, () => ({})) })).codes.length,
    ).toBeLessThanOrEqual(32);
  });
});
