/**
 * The two downstream samples of the vendor's page "Endpoint Rendering Driver
 * API" (2025-01-17) with their damage: a lost piece of text that turned ReqId
 * into UninterrId and pushed SpeechRsp and StreamId into ReplyRsp, a subtitle
 * with Sta for Start, a StreamId that differs. Only what is not JSON at all (two
 * missing commas, comments) is repaired; the page's long texts are shortened.
 */
export const sampleRequestId = 'fe0e4c13f2a34cb69b2475d8483f28de';

const header = {
  RequestID: sampleRequestId,
  SessionID: 'gza802cc9317231084402578413',
  DialogID: '',
  Code: 0,
  Message: '',
};

export const damagedReply = JSON.stringify({
  Header: header,
  Payload: {
    DriverRspType: 'REPLY',
    ErrorCode: 0,
    ErrorMessage: '',
    ReplyRsp: {
      ContentType: 1,
      InteractionContent: '',
      InteractionType: '',
      IsFinal: true,
      IsHighLight: true,
      Muted: false,
      ReplyDisplay: 'Which domains have a foundation',
      ReplyPro: '<speak>Which domains?</speak>',
      ReplyType: 'input',
      SeqNo: 2,
      TtsSupport: true,
      UninterrId: sampleRequestId,
      SpeechRsp: { Action: [], Audio: '', Final: false, Phn: [], SeqNo: 0, ThDim: 0, ThFeat: [], Word: [] },
      StreamId: '92597c35-3a99-415e-9bae-3124771b7749',
    },
  },
});

const phones: [string, number][] = [
  ['sil0', 200000], ['z4', 1100000], ['ai4', 2700000], ['r2', 3800000], ['en2', 5100000], ['g1', 5800000],
  ['ong1', 7300000], ['zh4', 8100000], ['iii4', 9000000], ['n2', 9800000], ['eng2', 11300000], ['ch3', 12800000],
  ['an3', 14000000], ['ie4', 16000000], ['zh1', 17100000], ['ong1', 19200000], ['sil0', 24200000],
]; // prettier-ignore
const subtitles: [string, number, number, number, number][] = [
  ['at', 200000, 2700000, 0, 1], ['user', 2700000, 5100000, 1, 2], ['work', 5100000, 7300000, 2, 3],
  ['intelligent', 7300000, 9000000, 3, 4], ['can', 9000000, 11300000, 4, 5], ['product', 11300000, 14000000, 5, 6],
  ['industry', 14000000, 16000000, 6, 7], ['in,', 16000000, 19200000, 7, 9],
]; // prettier-ignore

export const damagedSpeech = JSON.stringify({
  Header: header,
  Payload: {
    DriverRspType: 'SPEECH',
    ErrorCode: 0,
    ErrorMessage: '',
    ReplyRsp: { ContentType: 0, IsFinal: false, ReplyDisplay: '', SeqNo: 0, TtsSupport: false, Uninterrupt: false },
    ReqId: sampleRequestId,
    SpeechRsp: {
      Action: [],
      Audio: '',
      Expression: [],
      Final: false,
      Phn: phones.map(([Phn, end], i) => ({ End: String(end), Phn, Start: String(i === 0 ? 0 : phones[i - 1][1]) })),
      RealThType: '3D_standard',
      Sampling: 24000,
      SentenceFinal: false,
      SentenceStart: true,
      SeqNo: 1,
      Subtitle: subtitles.map(([Word, start, end, from, to], i) => ({
        End: String(end),
        PosEnd: String(to),
        PosStart: String(from),
        [i === 7 ? 'Sta' : 'Start']: String(start),
        Word,
      })),
      ThDim: 52,
      ThFeat: [],
      ThFeatFinal: false,
      Word: [{ Phn: 'z-ai4', Word: 'at' }, { Phn: 'r-en2|g-ng1', Word: 'manual' }],
    },
    StreamId: '925999-415e-9bae-3124771b7749',
  },
}); // prettier-ignore
