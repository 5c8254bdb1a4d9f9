import { describe, expect, it } from 'vitest';
import { MediaSession } from '../../src/media/index.js';

// The frames that the service's document shows, rebuilt field by field: their
// layout, their zero-valued siblings and their known damage. Audio and features,
// which the document leaves out, are put in.
const requestId = 'fe0e4c13f2a34cb69b2475d8483f28de';

const phones = [
  ['sil0', 0], ['z4', 200000], ['ai4', 1100000], ['r2', 2700000], ['en2', 3800000], ['g1', 5100000],
  ['ong1', 5800000], ['zh4', 7300000], ['iii4', 8100000], ['n2', 9000000], ['eng2', 9800000], ['ch3', 11300000],
  ['an3', 12800000], ['ie4', 14000000], ['zh1', 16000000], ['ong1', 17100000], ['sil0', 19200000],
] as const; // prettier-ignore
const endOfClause = 24200000;

const header = {
  RequestID: requestId,
  SessionID: 'gza802cc9317231084402578413',
  DialogID: '',
  Code: 0,
  Message: '',
};
const emptyReply = {
  ContentType: 0, InteractionContent: '', InteractionType: '', IsFinal: false, IsHighLight: false, Muted: false,
  ReplyDisplay: '', ReplyPro: '', ReplyType: '', SeqNo: 0, TtsSupport: false, Uninterrupt: false,
}; // prettier-ignore
const emptySpeech = {
  Action: [], Audio: '', Expression: [], Final: false, Phn: [], RealThType: '', Sampling: 0, SentenceFinal: false,
  SentenceStart: false, SeqNo: 0, Subtitle: [], ThDim: 0, ThFeat: [], ThFeatFinal: false, Word: [],
}; // prettier-ignore
const speech = {
  Action: [],
  Audio: Buffer.alloc(2.42 * 24000 * 2, 1).toString('base64'),
  Expression: [],
  Final: false,
  Phn: phones.map(([name, start], i) => ({
    End: String(phones[i + 1]?.[1] ?? endOfClause),
    Phn: name,
    Start: String(start),
  })),
  RealThType: '3D_standard',
  Sampling: 24000,
  SentenceFinal: false,
  SentenceStart: true,
  SeqNo: 1,
  // The document's last item has "Sta" for "Start".
  Subtitle: [
    { End: '2700000', PosEnd: '1', PosStart: '0', Start: '200000', Word: '在' },
    { End: '19200000', PosEnd: '9', PosStart: '7', Sta: '16000000', Word: '中,' },
  ],
  ThDim: 52,
  ThFeat: new Array<number>(60 * 52).fill(0.25),
  ThFeatFinal: false,
  Word: [{ Phn: 'z-ai4', Word: '在' }],
};
const payload = {
  DriverRspType: 'SPEECH',
  ErrorCode: 0,
  ErrorMessage: '',
  ReplyRsp: emptyReply,
  ReqId: requestId,
  SpeechRsp: speech,
  StreamId: '925999-415e-9bae-3124771b7749',
};

const encode = (frame: unknown): Buffer => Buffer.from(JSON.stringify(frame, undefined, '\t'));

function session(): MediaSession {
  const opened = new MediaSession({ idleSeed: -1 });
  opened.begin(requestId);
  return opened;
}

describe('the documented SPEECH frame', () => {
  it('is taken whole, and its small parts are found', () => {
    using media = session();
    const report = media.push(encode({ Header: header, Payload: payload }));
    expect([report.kind, report.warnings, report.errorCode]).toEqual(['speech', 0, undefined]);
    expect([report.clause, report.sentenceStart, report.sentenceFinal, report.final]).toEqual([
      1,
      true,
      false,
      false,
    ]);
    expect([report.audioFrames, report.featureFrames, report.sampleRate]).toEqual([58_080, 60, 24_000]);
    expect([report.clauseStart, report.sourceEnd]).toEqual([0, 116_160]);
    expect(JSON.parse(report.text('phones'))).toEqual(speech.Phn);
    expect(JSON.parse(report.text('subtitles'))).toEqual(speech.Subtitle);
    expect(JSON.parse(report.text('words'))).toEqual(speech.Word);
    expect([report.text('requestId'), report.text('actions'), report.text('expressions')]).toEqual([
      requestId,
      '[]',
      '[]',
    ]);
  });

  it('may come with null or missing parts, other spelling of keys, and unknown ones', () => {
    const lower = JSON.parse(
      JSON.stringify({ Header: header, Payload: payload }).replace(
        /"([A-Z])(\w*)":/g,
        (_, first: string, rest: string) => `"${first.toLowerCase()}${rest}":`,
      ),
    ) as object;
    const variants = [
      lower,
      {
        Header: header,
        Payload: {
          ...payload,
          ReplyRsp: null,
          SpeechRsp: { ...speech, Phn: null, Word: null, Subtitle: null, Action: null, Expression: null },
        },
      },
      {
        Header: { RequestID: requestId },
        Payload: {
          DriverRspType: 'SPEECH',
          ReqId: requestId,
          SpeechRsp: { Audio: speech.Audio, Sampling: 24000, ThFeat: speech.ThFeat, SeqNo: 1 },
        },
      },
      { Extra: [{ Payload: 1 }], Header: header, Payload: { ...payload, News: { Audio: 'x' } } },
    ];
    for (const variant of variants) {
      using media = session();
      const report = media.push(encode(variant));
      expect([report.kind, report.errorCode, report.audioFrames, report.featureFrames]).toEqual([
        'speech',
        undefined,
        58_080,
        60,
      ]);
    }
  });

  it('ends with empty audio and Final', () => {
    using media = session();
    media.push(encode({ Header: header, Payload: payload }));
    const report = media.push(
      encode({
        Header: header,
        Payload: { ...payload, SpeechRsp: { ...emptySpeech, SeqNo: 1, Final: true } },
      }),
    );
    expect([report.kind, report.final, report.audioFrames]).toEqual(['speech', true, 0]);
    expect(media.readySamples()).toBe(116_160);
    expect(media.push(encode({ Header: header, Payload: payload })).kind).toBe('stale');
  });

  it('of another request is stale, and with damaged JSON it is refused', () => {
    using media = session();
    expect(media.push(encode({ Header: header, Payload: { ...payload, ReqId: '0'.repeat(32) } })).kind).toBe(
      'stale',
    );
    const text = JSON.stringify({ Header: header, Payload: payload });
    for (const damage of [
      text.replace('"ErrorCode":0,', '"ErrorCode":0'),
      text.replace('"Action":[],', '"Action":[], // none'),
      `${text}${text}`,
      text.slice(0, -1),
    ]) {
      const report = media.push(Buffer.from(damage));
      expect([report.kind, report.errorCode]).toEqual(['refused', 'ERR_WIRE_MALFORMED']);
    }
    expect(media.readySamples()).toBe(0);
  });
});

describe('the documented REPLY frame', () => {
  const reply = {
    ...emptyReply,
    ContentType: 1,
    IsFinal: true,
    ReplyDisplay: 'Which domains?',
    ReplyPro: '<speak>Which domains?</speak>',
    ReplyType: 'input',
    SeqNo: 2,
    TtsSupport: true,
  };

  it('is a reply, with or without its known damage', () => {
    using media = session();
    const whole = {
      DriverRspType: 'REPLY',
      ErrorCode: 0,
      ErrorMessage: '',
      ReplyRsp: reply,
      ReqId: requestId,
      SpeechRsp: emptySpeech,
      StreamId: '92597c35-3a99-415e-9bae-3124771b7749',
    };
    expect(media.push(encode({ Header: header, Payload: whole })).kind).toBe('reply');
    // As printed: a lost piece of text put SpeechRsp and StreamId into ReplyRsp and gave ReqId another name.
    const { Uninterrupt: lost, ...rest } = reply;
    expect(lost).toBe(false);
    const damaged = {
      DriverRspType: 'REPLY',
      ErrorCode: 0,
      ErrorMessage: '',
      ReplyRsp: { ...rest, UninterrId: requestId, SpeechRsp: emptySpeech, StreamId: 's' },
    };
    const report = media.push(encode({ Header: header, Payload: damaged }));
    expect([report.kind, report.text('requestId')]).toEqual(['reply', requestId]);
  });

  it('with an error code is an error, and says which', () => {
    using media = session();
    const error = media.push(
      encode({
        Header: { ...header, Code: 110024, Message: 'no such project' },
        Payload: { ...payload, ReqId: requestId },
      }),
    );
    expect([error.kind, error.headerCode, error.text('headerMessage')]).toEqual([
      'error',
      110024,
      'no such project',
    ]);
    const nobodys = media.push(encode({ Header: { Code: 110024, Message: 'bad signature' } }));
    expect([nobodys.kind, nobodys.headerCode]).toEqual(['error', 110024]);
    const inside = media.push(
      encode({ Header: header, Payload: { ...payload, ErrorCode: 7, ErrorMessage: 'busy' } }),
    );
    expect([inside.kind, inside.payloadErrorCode, inside.text('errorMessage')]).toEqual(['error', 7, 'busy']);
  });
});
