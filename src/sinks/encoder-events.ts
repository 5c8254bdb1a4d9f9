/** What an ffmpeg encodes. */
export type EncoderKind = 'pictures' | 'sound';

/** What happens to the encoders, told as it happens. */
export type EncoderEvent =
  /** An ffmpeg died or hung; another is started. What it had inside is lost. */
  | { readonly type: 'encoderDown'; readonly kind: EncoderKind; readonly reason: string }
  /** The other one gives what it should. Pictures begin with a keyframe. */
  | { readonly type: 'encoderBack'; readonly kind: EncoderKind; readonly downMs: number };

/** What was not encoded, by reason. */
export interface EncoderDrops {
  /** An ffmpeg had it and died, or there was none. */
  readonly failure: number;
  /** ffmpeg was too slow, and too much waited. */
  readonly full: number;
}

export interface EncoderCounts {
  /** Times that an ffmpeg which had failed was replaced. */
  readonly restarts: number;
  readonly lostPictures: EncoderDrops;
  /** In samples. */
  readonly lostSound: EncoderDrops;
}
