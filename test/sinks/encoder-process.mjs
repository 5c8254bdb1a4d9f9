// An encoder that is fed at the pace of the wall clock, in a process of its own so that its memory can be measured:
// `node --expose-gc encoder-process.mjs FFMPEG`. It has few pictures, as a renderer has, and shows one again while the
// encoder holds the others.
import { Encoder } from '../../dist/sinks/encoder.js';
import { beMeasured } from '../tools/measured.mjs';

const [, , ffmpeg] = process.argv;
const [width, height] = [640, 360];
const rate = { sampleRate: 48_000, frameRateNumerator: 25, frameRateDenominator: 1 };

class Picture {
  width = width;
  height = height;
  format = 'i420';
  pixels = new Uint8Array((width * height * 3) / 2).fill(128);
  holders = 0;
  retain() {
    this.holders += 1;
  }
  release() {
    this.holders -= 1;
  }
}
const ring = Array.from({ length: 8 }, () => new Picture());
let shown = ring[0];
const audio = new Float32Array(1920);

const events = [];
let tags = 0;
const encoder = new Encoder(
  { ...rate, width, height },
  { ffmpeg, onEncoderEvent: ({ type, kind }) => events.push(`${type} ${kind}`) },
  { onTag: () => (tags += 1), onError: ({ code, message }) => events.push(`${code} ${message}`) },
);
await encoder.open();
let frame = 0;
const start = performance.now();
setInterval(() => {
  for (let more = 0; more < 3 && frame * 40 < performance.now() - start; more++) {
    shown = ring.find(({ holders }) => holders === 0) ?? shown;
    shown.pixels.fill(16 + (frame % 200), 0, width * 40);
    encoder.write({ frameIndex: frame, sampleIndex: frame * 1920, audio, picture: shown });
    frame += 1;
  }
}, 10);

beMeasured({
  greeting: { isReady: true },
  read: () => ({ events, tags, pids: encoder.pids }),
  end: () => encoder.kill(),
});
