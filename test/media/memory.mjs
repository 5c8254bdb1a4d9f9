// Runs in a child process with --expose-gc, from the compiled code. Prints what
// it measured as JSON.
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as turn } from 'node:timers/promises';
import { MediaSession, SessionPool } from '../../dist/media/index.js';

const step = 9600; // 200 ms at 48 kHz
const audio = Buffer.alloc(9600, 7).toString('base64');
const features = Array.from({ length: 5 * 52 }, (_, i) => (i % 7) / 10);

function wire(requestId) {
  const SpeechRsp = {
    Audio: audio,
    Sampling: 24000,
    ThDim: 52,
    ThFeat: features,
    RealThType: '3D_standard',
    SeqNo: 1,
  };
  return Buffer.from(JSON.stringify({ Payload: { ReqId: requestId, DriverRspType: 'SPEECH', SpeechRsp } }));
}

async function steady() {
  const pool = new SessionPool();
  const sessions = Array.from({ length: 64 }, () => new MediaSession());
  for (const session of sessions) {
    session.begin('r');
    pool.add(session);
  }
  const message = wire('r');
  const parsed = { audio, features, sampleRate: 24000, featureDimension: 52, clause: 1 };
  const sound = new Float32Array(step);
  const row = new Float32Array(55);
  const rows = new Float32Array(64 * 55);
  const flags = new Uint8Array(64);
  const round = (index) => {
    for (let i = 0; i < 64; i++) {
      const session = sessions[i];
      if (index % 2 === 0) session.push(message);
      else session.pushParsed(parsed);
      const from = session.committed();
      session.commit(from + session.readySamples());
      session.readAudio(from, sound);
      session.frameAt(from, row, from + 800);
    }
    for (let frame = 0; frame < 12; frame++) pool.frames(index * step + frame * 800, rows, flags);
  };
  let index = 0;
  const run = (rounds) => {
    for (let i = 0; i < rounds; i++) round(index++);
  };
  // Compilers of V8 need a while, and what they leave behind is not ours.
  for (let warm = 0; warm < 5; warm++) {
    run(60);
    await turn();
  }
  const observed = [];
  const observer = new PerformanceObserver((list) => observed.push(...list.getEntries()));
  observer.observe({ entryTypes: ['gc'] });
  let best = { collections: Infinity, bytesPerMessage: Infinity };
  // The least of three: a late compilation spoils a round, garbage of ours would spoil all.
  for (let attempt = 0; attempt < 3; attempt++) {
    globalThis.gc();
    await turn();
    await turn();
    observed.length = 0;
    const before = process.memoryUsage().heapUsed;
    run(200);
    const grown = process.memoryUsage().heapUsed - before;
    await turn();
    await turn();
    const result = { collections: observed.length, bytesPerMessage: grown / (200 * 64) };
    if (result.bytesPerMessage + result.collections < best.bytesPerMessage + best.collections) best = result;
  }
  return { messages: 200 * 64, ...best };
}

function speak(session) {
  session.begin();
  session.pushParsed({ audio, features, sampleRate: 24000, featureDimension: 52 });
  session.commit(step);
}

async function settled() {
  for (let i = 0; i < 4; i++) {
    globalThis.gc();
    await turn();
  }
  return process.memoryUsage();
}

async function closed() {
  const cycle = async (count) => {
    for (let i = 0; i < count; i++) {
      const session = new MediaSession();
      speak(session);
      session.close();
      if (i % 500 === 0) await turn();
    }
    return settled();
  };
  const marks = [await cycle(4000)];
  for (let i = 0; i < 4; i++) marks.push(await cycle(2500));
  // The heap of C takes its time to find its size, in jumps; a leak grows in every part.
  const growth = (key) => Math.min(...marks.slice(1).map((mark, i) => mark[key] - marks[i][key]));
  return {
    rssGrowth: growth('rss'),
    externalGrowth: growth('external'),
    rssInAll: marks.at(-1).rss - marks[0].rss,
  };
}

async function dropped() {
  const cycle = async (count) => {
    for (let i = 0; i < count; i++) {
      speak(new MediaSession());
      // Nobody calls gc() here: V8 must hear by itself of the memory behind a session.
      if (i % 20 === 0) await turn();
    }
    return process.memoryUsage();
  };
  const first = await cycle(2000);
  const last = await cycle(4000);
  return { rssGrowth: last.rss - first.rss };
}

async function exhausted() {
  const other = new MediaSession();
  speak(other);
  const session = new MediaSession({ maxBufferedSeconds: 3600 });
  session.begin();
  const tenSeconds = Buffer.alloc(480_000).toString('base64');
  session.pushParsed({ audio: tenSeconds });
  // From here on 200 MB more, of which half an hour of sound would take 345.
  const now = Number(/VmSize:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  execFileSync('prlimit', ['--pid', String(process.pid), `--as=${now + 200 * 2 ** 20}`]);
  let code;
  let ready = 0;
  for (let i = 0; i < 180 && code === undefined; i++) {
    ready = session.readySamples();
    code = session.pushParsed({ audio: tenSeconds }).errorCode;
  }
  const kept = session.readySamples() === ready ? 'yes' : 'no';
  const goesOn = other.pushParsed({ audio }).kind;
  session.close();
  const next = new MediaSession();
  next.begin();
  return { code, kept, other: goesOn, afterwards: next.pushParsed({ audio: tenSeconds }).kind };
}

const measurements = { steady, closed, dropped, exhausted };
process.stdout.write(JSON.stringify(await measurements[process.argv[2]]()));
