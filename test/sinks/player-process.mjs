// A player that pushes and records, in a process of its own that can be stopped and continued:
// `node player-process.mjs URL FILE`. Its wall clock can be shifted, as an administrator or NTP would.
const trueDate = Date;
let shiftMs = 0;
globalThis.Date = class extends trueDate {
  constructor(...when) {
    super(...(when.length === 0 ? [trueDate.now() + shiftMs] : when));
  }
  static now() {
    return trueDate.now() + shiftMs;
  }
};

const { Player } = await import('../../dist/player/player.js');
const { EncodedSink } = await import('../../dist/sinks/encoded-sink.js');
const { Mp4Output } = await import('../../dist/sinks/mp4-sink.js');
const { RtmpOutput } = await import('../../dist/sinks/rtmp-sink.js');

const [, , url, path] = process.argv;
const sampleRate = 48_000;
const [width, height] = [320, 180];
const events = [];

/** A session whose sound is never the same again, see live-encoder.ts. */
let committed = 0;
const session = {
  sampleRate,
  commit: (until) => ((committed = until), 0),
  committed: () => committed,
  readySamples: () => 0,
  settledSamples: () => 0,
  sourceCommitted: () => 0,
  lookAhead: () => 0,
  interrupt: () => undefined,
  outputOf: () => undefined,
  readAudio: (sample, out) => out.forEach((_, i) => (out[i] = 0.2 * Math.sin((sample + i) ** 2 * 1e-7))),
  frameAt: (_sample, out) => out.fill(0),
};

/** Pictures that say by their brightness which frame they are, see synthetic.ts. */
const renderer = {
  width,
  height,
  open: () => Promise.resolve(),
  close: () => Promise.resolve(),
  draw: (_weights, { frameIndex }) => {
    const pixels = new Uint8Array(width * height * 4).fill(40 + ((frameIndex * 13) % 160));
    for (let i = 3; i < pixels.length; i += 4) pixels[i] = 255;
    const column = (frameIndex * 4) % width;
    for (let y = 0; y < height; y++) pixels.fill(255, (y * width + column) * 4, (y * width + column) * 4 + 4);
    return Promise.resolve({ frameIndex, width, height, pixels, retain() {}, release() {} });
  },
};

/** When each frame was handed out, on a clock that never goes back, and whose picture it has. */
const handed = [];
const watch = {
  name: 'watch',
  wantsPictures: true,
  open: () => Promise.resolve(),
  write: ({ frameIndex, picture }) => {
    handed.push([frameIndex, performance.now(), picture.frameIndex]);
    process.send({ frame: frameIndex });
  },
  close: () =>
    Promise.resolve({ name: 'watch', videoFrames: 0, audioFrames: 0, repeatedFrames: 0, bytes: 0 }),
};

const onEvent = ({ type }) => events.push(type);
const push = new RtmpOutput(url, { onEvent });
const sink = new EncodedSink({
  outputs: [push, new Mp4Output(path)],
  // So that a machine that is busy leaves out nothing.
  maxQueuedFrames: 250,
  onEncoderEvent: onEvent,
});
const player = new Player({ session, renderer, sinks: [sink, watch] });
player.on('sinkFailed', ({ sink, error }) => events.push(`${sink} ${error.code}`));
await player.start();

let ends = false;
// Whoever asked is gone.
process.on('disconnect', () => ends || process.exit(1));
process.on('message', async ({ shift, end }) => {
  if (shift !== undefined) {
    shiftMs = shift;
    process.send({ now: Date.now() - trueDate.now() });
  }
  if (end !== true) return;
  await player.stop();
  process.send({ handed, events, counts: push.counts, encoder: sink.encoderCounts });
  ends = true;
  process.disconnect();
});
