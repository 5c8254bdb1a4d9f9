import { Random } from './random.js';

/** One clause as the far end made it, before anything is cut. */
export interface Clause {
  readonly sequence: number;
  /** Signed 16-bit little-endian mono PCM. */
  readonly pcm: Buffer;
  /** Rows of 52 in wire order. */
  readonly features: number[];
}

/** The parts of one wire message that carry media. */
export interface Piece {
  readonly sequence: number;
  readonly audio: Buffer;
  readonly features: number[];
  readonly start: boolean;
  final: boolean;
}

/** Smooth, speech-like features and noise, reproducible by seed. */
export function randomClauses(seed: number, sampleRate: number, count = 3): Clause[] {
  const random = new Random(seed);
  const clauses: Clause[] = [];
  for (let c = 0; c < count; c++) {
    const frames = random.integer(sampleRate / 5, sampleRate);
    const pcm = Buffer.alloc(frames * 2);
    for (let i = 0; i < frames; i++) pcm.writeInt16LE(random.integer(-20000, 20000), i * 2);
    const rows = Math.max(1, Math.round((frames / sampleRate) * 25) + random.integer(-2, 3));
    const features: number[] = [];
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < 52; i++) {
        const wave = 0.5 + 0.55 * Math.sin(0.37 * r + i * 1.7 + c);
        // Six decimals, as clouds write them; some values lie outside [0, 1].
        features.push(Number(wave.toFixed(6)));
      }
    }
    clauses.push({ sequence: c + 1, pcm, features });
  }
  return clauses;
}

/** Everything of a clause in one message. */
export function whole(clauses: readonly Clause[]): Piece[] {
  return clauses.map((clause, index) => ({
    sequence: clause.sequence,
    audio: clause.pcm,
    features: clause.features,
    start: true,
    final: index === clauses.length - 1,
  }));
}

/** Cuts audio (between any two bytes) and features (between any two numbers) at places that have nothing to do with each other. */
export function cut(clauses: readonly Clause[], seed: number): Piece[] {
  const random = new Random(seed);
  const pieces: Piece[] = [];
  for (const clause of clauses) {
    let byte = 0;
    let value = 0;
    let start = true;
    while (byte < clause.pcm.length || value < clause.features.length || start) {
      const bytes = random.next() < 0.2 ? 0 : random.integer(0, 6000);
      const values = random.next() < 0.3 ? 0 : random.integer(0, 300);
      pieces.push({
        sequence: clause.sequence,
        audio: clause.pcm.subarray(byte, byte + bytes),
        features: clause.features.slice(value, value + values),
        start,
        final: false,
      });
      byte += bytes;
      value += values;
      start = false;
    }
  }
  (pieces.at(-1) as Piece).final = true;
  return pieces;
}

/** The wire message that carries a piece. */
export function wireMessage(piece: Piece, requestId: string, sampleRate: number): Buffer {
  return Buffer.from(
    JSON.stringify({
      Header: { RequestID: requestId, SessionID: 's', DialogID: '', Code: 0, Message: '' },
      Payload: {
        ReqId: requestId,
        DriverRspType: 'SPEECH',
        ErrorCode: 0,
        ErrorMessage: '',
        SpeechRsp: {
          Audio: piece.audio.toString('base64'),
          Sampling: sampleRate,
          ThDim: 52,
          ThFeat: piece.features,
          RealThType: '3D_standard',
          SeqNo: piece.sequence,
          SentenceStart: piece.start,
          SentenceFinal: false,
          ThFeatFinal: false,
          Final: piece.final,
        },
      },
    }),
  );
}
