import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';

import { EndpointDriver, type Drive } from '../../src/driver/index.js';
import { MediaSession } from '../../src/media/session.js';
import { Player } from '../../src/player/player.js';
import type { CloudConnection, CloudCounts } from '../../src/server/local-cloud.js';
import { isMedia, makeTag, tagType } from '../../src/sinks/flv.js';
import { NullSink } from '../../src/sinks/null-sink.js';
import { RtmpOutput } from '../../src/sinks/rtmp-sink.js';
import type { OutputFormat, Sink, SinkReport, Span } from '../../src/sinks/sink.js';
import { Random } from '../reference/random.js';
import { Durations } from './durations.js';
import { FaultProxy } from './fault-proxy.js';
import { TestIngest } from './rtmp-ingest.js';
import { ScriptProcess } from './script-process.js';

export interface FleetOptions {
  readonly sessions: number;
  readonly seconds: number;
  readonly seed: number;
  /** One of so many sessions pushes. */
  readonly pushEvery: number;
  /** The server's program, see fleet-cloud.mjs. */
  readonly cloud: string;
  /** Told about once a second. */
  readonly onSecond?: (report: FleetReport) => void;
}

/** What happened to all sessions together. */
export interface FleetReport {
  utterances: number;
  speechSeconds: number;
  /** Utterances whose sound was not that of the text, to the sample. */
  damaged: number;
  failures: string[];
  faults: Record<FaultKind, number>;
  /** From a reset in mid-drive to the next connection, in ms. */
  readonly backMs: Durations;
  /** A push was off the air for so long, in ms. */
  readonly offAirMs: Durations;
  /** Samples of silence that were put into speech, at 24 kHz. */
  starvedSamples: number;
  /** Frames that a sink did not get, or got twice. */
  gaps: number;
  tags: number;
  /** Tags that an ingest got at another time than theirs, twice, or out of order. */
  badTags: number;
  server: ServerReading | undefined;
}

export interface ServerReading {
  readonly rss: number;
  readonly clients: number;
  readonly counts: CloudCounts;
  readonly unhandled: number;
}

/** Rows 1, 14 (late and at once) and 20 of the fault matrix. */
type FaultKind = 'reset' | 'late' | 'bunched' | 'ingest';

const rate = 24_000;
const frameMs = 40;
const soundMs = (1000 * 1024) / rate;

/** What the server says when it is ready. */
type Address = CloudConnection & { readonly port: number };

/** The sound of one utterance: all its samples but silence, of which the voice has none. */
class Sound {
  readonly #hash = createHash('sha256');
  samples = 0;

  add(sample: number): void {
    if (sample === 0) return;
    this.#hash.update(`${sample},`);
    this.samples += 1;
  }

  get digest(): string {
    return this.#hash.digest('hex');
  }
}

/** Listens, and counts frames that do not follow each other. */
class FollowingSink extends NullSink {
  readonly #report: FleetReport;
  #next = 0;
  heard = new Sound();

  constructor(report: FleetReport) {
    super();
    this.#report = report;
  }

  override write(span: Span): void {
    super.write(span);
    if (span.sampleIndex !== this.#next) this.#report.gaps += 1;
    this.#next = span.sampleIndex + span.audio.length;
    for (const sample of span.audio) this.heard.add(Math.round(sample * 32_768));
  }
}

/** Pushes a tag for each picture and each 1024 samples, without an encoder; each holds its number. */
class TagPush implements Sink {
  readonly name = 'push';
  readonly wantsPictures = false;
  onError: Sink['onError'];
  readonly #output: RtmpOutput;
  #pictures = 0;
  #sounds = 0;
  #samples = 0;

  constructor(ingest: TestIngest, report: FleetReport) {
    this.#output = new RtmpOutput(ingest.url('fleet'), {
      openPatienceMs: 60_000,
      onEvent: (event) => {
        if (event.type === 'back') report.offAirMs.add(event.offAirMs);
      },
    });
    this.#output.onError = (error) => this.onError?.(error);
  }

  get isLive(): boolean {
    return this.#output.state === 'live';
  }

  async open(format: OutputFormat): Promise<void> {
    await this.#output.open({ ...format, width: 64, height: 64, videoKbps: 100, audioKbps: 64 });
    this.#output.write(makeTag(tagType.video, 0, Buffer.from([0x17, 0, 0, 0, 0, 1])));
    this.#output.write(makeTag(tagType.audio, 0, Buffer.from([0xaf, 0, 1])));
  }

  write({ audio }: Span): void {
    this.#samples += audio.length;
    while (this.#sounds * 1024 < this.#samples) this.#write(tagType.audio, this.#sounds++);
    this.#write(tagType.video, this.#pictures++);
  }

  #write(type: number, number: number): void {
    const payload = Buffer.alloc(type === tagType.video ? 400 : 170);
    payload.set(type === tagType.audio ? [0xaf, 1] : [number % 25 === 0 ? 0x17 : 0x27, 1, 0, 0, 0]);
    payload.writeUInt32BE(number, type === tagType.video ? 5 : 2);
    this.#output.write(makeTag(type, timeOf(type, number), payload));
  }

  async close(): Promise<SinkReport> {
    await this.#output.close();
    return {
      name: this.name,
      videoFrames: this.#pictures,
      audioFrames: this.#samples,
      repeatedFrames: 0,
      bytes: 0,
    };
  }
}

function timeOf(type: number, number: number): number {
  return Math.round(type === tagType.audio ? number * soundMs : number * frameMs + soundMs);
}

/** What the ingest got since the last look: each tag at its time, later than the one before, a keyframe first. */
class IngestJudge {
  readonly #ingest: TestIngest;
  readonly #report: FleetReport;
  readonly #last = new Map<number, number>();

  constructor(ingest: TestIngest, report: FleetReport) {
    this.#ingest = ingest;
    this.#report = report;
  }

  look(): void {
    for (const visit of this.#ingest.visits) {
      for (const tag of visit.tags.splice(0)) {
        if (!isMedia(tag)) continue;
        const number = tag.payload.readUInt32BE(tag.type === tagType.video ? 5 : 2);
        const isRight =
          tag.timestampMs === timeOf(tag.type, number) && number > (this.#last.get(tag.type) ?? -1);
        this.#last.set(tag.type, number);
        this.#report.tags += 1;
        if (!isRight) this.#report.badTags += 1;
      }
    }
    // Only the connection that is open is looked at again.
    this.#ingest.visits.splice(0, this.#ingest.visits.length - 1);
  }
}

/** Texts of some seconds, and what their sound is when nothing goes wrong. */
class Texts {
  readonly texts: readonly string[];
  readonly digests: string[] = [];

  constructor(random: Random) {
    const words = 'the a of one two quick brown fox over lazy dog and runs then stops again'.split(' ');
    this.texts = Array.from({ length: 12 }, () =>
      Array.from({ length: 2 + random.integer(0, 2) }, () => {
        const sentence = Array.from(
          { length: 4 + random.integer(0, 6) },
          () => words[random.integer(0, words.length - 1)],
        );
        return `${sentence.join(' ')}.`;
      }).join(' '),
    );
  }
}

/** Reads a drive to its end; `onFirst` is told where its sound begins in a media session. */
async function read(drive: Drive, onFirst: (sourceSample: number) => void): Promise<Sound> {
  const sound = new Sound();
  let hasBegun = false;
  for await (const event of drive) {
    if (event.type !== 'speech') continue;
    if (!hasBegun && event.clauseStartSample !== undefined) {
      hasBegun = true;
      onFirst(event.clauseStartSample);
    }
    for (const sample of event.packet?.pcm ?? []) sound.add(sample);
  }
  await drive.done;
  return sound;
}

/** One box: a driver behind a line of its own, a media session, a player, and for some a push. */
async function live(
  server: ScriptProcess<Address>,
  texts: Texts,
  options: FleetOptions,
  number: number,
  report: FleetReport,
): Promise<void> {
  const random = new Random(options.seed + number);
  const proxy = await FaultProxy.start({ host: '127.0.0.1', port: server.greeting.port });
  const ingest = number % options.pushEvery === 0 ? await new TestIngest().listen() : undefined;
  const judge = ingest && new IngestJudge(ingest, report);
  const driver = new EndpointDriver({ ...server.greeting, url: proxy.url });
  const session = new MediaSession({ sampleRate: rate, idleSeed: number });
  const listener = new FollowingSink(report);
  const push = ingest && new TagPush(ingest, report);
  const player = new Player({ session, sinks: [listener, ...(push === undefined ? [] : [push])] });
  player.on('starved', ({ samples }) => (report.starvedSamples += samples));
  player.on('sinkFailed', ({ sink, error }) => report.failures.push(`${sink}: ${error.code}`));
  await player.start();
  const end = performance.now() + 1000 * options.seconds;
  const isOver = (): boolean => performance.now() >= end;
  const streamed = (text: string): Drive => {
    const drive = driver.stream({ media: session });
    for (let at = 0; at < text.length; at += 9) drive.write(text.slice(at, at + 9));
    drive.end();
    return drive;
  };
  let running: Drive | undefined;
  const speak = async (): Promise<void> => {
    while (!isOver()) {
      const which = random.integer(0, texts.texts.length - 1);
      const text = texts.texts[which] ?? '';
      const drive = random.next() < 0.5 ? driver.text(text, { media: session }) : streamed(text);
      running = drive;
      const said = player.follow(drive.requestId);
      try {
        await read(drive, (sample) => said.begin(sample));
      } catch (error) {
        report.failures.push(`drive: ${(error as { code?: string }).code ?? String(error)}`);
      }
      said.end(session.sourceCommitted() + session.readySamples());
      await said.finished;
      const { heard } = listener;
      listener.heard = new Sound();
      report.utterances += 1;
      report.speechSeconds += heard.samples / rate;
      if (heard.digest !== texts.digests[which]) report.damaged += 1;
    }
  };
  const suffer = async (): Promise<void> => {
    const kinds = ['reset', 'late', 'bunched', 'ingest'] as const;
    while (!isOver()) {
      await sleep(Math.min(300 + random.next() * 4000, Math.max(0, end - performance.now())));
      if (isOver()) return;
      const kind = kinds[random.integer(0, ingest === undefined ? 2 : 3)] ?? 'reset';
      report.faults[kind] += 1;
      if (kind === 'ingest') ingest?.reset();
      if (kind === 'reset' && proxy.open > 0) {
        // Between two drives nobody asks for a connection.
        const isNeeded = running?.isOver === false;
        const before = proxy.accepted;
        const cutAt = performance.now();
        proxy.cutAll('rst');
        while (isNeeded && proxy.accepted === before && !isOver()) await sleep(10);
        if (isNeeded && proxy.accepted > before) report.backMs.add(performance.now() - cutAt);
      }
      if (kind === 'late') {
        for (let i = 0; i < 10; i++) {
          proxy.set({ kind: 'delay', ms: random.next() * 200 });
          await sleep(100);
        }
        proxy.set({ kind: 'pass' });
      }
      if (kind === 'bunched') {
        proxy.set({ kind: 'stall' });
        await sleep(500);
        proxy.set({ kind: 'pass' });
      }
    }
  };
  const looking = setInterval(() => judge?.look(), 500);
  await Promise.all([speak(), suffer()]);
  // A push that ends off the air says so, rightly.
  while (push?.isLive === false) await sleep(20);
  await player.stop();
  clearInterval(looking);
  judge?.look();
  await driver.close();
  session.close();
  await proxy.close();
  await ingest?.stop();
}

/** Sessions that speak, with faults at random, over loopback against a server in another process. */
export async function runFleet(options: FleetOptions): Promise<FleetReport> {
  const report: FleetReport = {
    ...{ utterances: 0, speechSeconds: 0, damaged: 0, failures: [] },
    ...{ backMs: new Durations(), offAirMs: new Durations() },
    faults: { reset: 0, late: 0, bunched: 0, ingest: 0 },
    ...{ starvedSamples: 0, gaps: 0, tags: 0, badTags: 0, server: undefined },
  };
  const server = await new ScriptProcess<Address>(options.cloud).ready();
  try {
    const texts = new Texts(new Random(options.seed));
    const heard = async (text: string): Promise<string> => {
      const driver = new EndpointDriver(server.greeting);
      const { digest } = await read(driver.text(text), () => undefined);
      await driver.close();
      return digest;
    };
    texts.digests.push(...(await Promise.all(texts.texts.map(heard))));
    let isOver = false;
    const watch = (async () => {
      while (!isOver) {
        await sleep(1000);
        report.server = await server.ask<ServerReading>('read');
        options.onSecond?.(report);
      }
    })();
    await Promise.all(
      Array.from({ length: options.sessions }, (_, number) => live(server, texts, options, number, report)),
    );
    isOver = true;
    await watch;
    report.server = await server.ask<ServerReading>('read');
    return report;
  } finally {
    await server.close();
  }
}
