import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { entryUrl } from '../../src/entry-url.js';
import { FlvReader } from '../../src/ingest/flv-reader.js';
import { LocalIngest } from '../../src/ingest/local-ingest.js';
import { EncodedSink, type TagOutput } from '../../src/sinks/encoded-sink.js';
import { FlvParser, isMedia, tagType, type FlvTag } from '../../src/sinks/flv.js';
import { RtmpOutput, type PushOptions } from '../../src/sinks/rtmp-sink.js';
import type { PushEvent } from '../../src/sinks/rtmp/push-events.js';
import { feedLive, smallFormat } from '../sinks/synthetic.js';
import { describeLong } from '../tools.js';
import { TestIngest } from '../tools/rtmp-ingest.js';
import { startNginx, type Nginx } from './nginx.js';

/** A sound that is never the same again. */
const chirp = (index: number): number => 0.2 * Math.sin(index * index * 1e-7);

/** A push at the pace of the wall clock; all that was encoded is kept beside it. */
class LivePush {
  readonly encoded: FlvTag[] = [];
  readonly events: PushEvent[] = [];
  readonly output: RtmpOutput;
  readonly sink: EncodedSink;
  #waiting: { readonly type: PushEvent['type']; readonly resolve: () => void }[] = [];
  #tagWaiting: { readonly until: () => boolean; readonly resolve: () => void }[] = [];
  #stop: () => void = () => undefined;
  #fed: Promise<unknown> = Promise.resolve();

  constructor(url: string, options: PushOptions = {}) {
    this.output = new RtmpOutput(url, { ...options, onEvent: (event) => this.#note(event) });
    const copy: TagOutput = {
      name: 'copy',
      onError: undefined,
      open: () => Promise.resolve(),
      write: (tag) => {
        this.encoded.push(tag);
        for (const waiting of this.#tagWaiting.filter(({ until }) => until())) waiting.resolve();
      },
      close: () => Promise.resolve(),
    };
    this.sink = new EncodedSink({ outputs: [this.output, copy], keyframeSeconds: 0.5 });
  }

  async open(): Promise<void> {
    await this.sink.open(smallFormat);
    const stopped = new Promise<void>((resolve) => (this.#stop = resolve));
    this.#fed = feedLive(this.sink, smallFormat, stopped, chirp);
  }

  /** Resolves at the next event of this type. */
  next(type: PushEvent['type']): Promise<void> {
    return new Promise((resolve) => this.#waiting.push({ type, resolve }));
  }

  /** Resolves when so many tags more were encoded. */
  tags(count: number): Promise<void> {
    const goal = this.encoded.length + count;
    return new Promise((resolve) =>
      this.#tagWaiting.push({ until: () => this.encoded.length >= goal, resolve }),
    );
  }

  async close(): Promise<void> {
    this.#stop();
    await this.#fed;
    await this.sink.close();
  }

  #note(event: PushEvent): void {
    this.events.push(event);
    const due = this.#waiting.filter(({ type }) => type === event.type);
    this.#waiting = this.#waiting.filter(({ type }) => type !== event.type);
    for (const { resolve } of due) resolve();
  }
}

/** Each tag's time as it was encoded, found again by its content; they are all different. */
function sourceTimes(encoded: readonly FlvTag[], arrived: readonly FlvTag[]): number[] {
  const byContent = new Map(
    encoded.filter(isMedia).map((tag) => [tag.payload.toString('latin1'), tag.timestampMs]),
  );
  return arrived.filter(isMedia).map(({ payload }) => byContent.get(payload.toString('latin1')) ?? NaN);
}

const isPicture = ({ type }: FlvTag): boolean => type === tagType.video;

async function readFlv(path: string): Promise<FlvTag[]> {
  const tags: FlvTag[] = [];
  new FlvParser((tag) => tags.push(tag)).push(await readFile(path));
  return tags;
}

describeLong(['nginx', 'ffmpeg'], 'a push to nginx-rtmp', () => {
  let nginx: Nginx;
  beforeAll(async () => {
    nginx = await startNginx();
  });
  afterAll(() => nginx.close());

  it('goes on when nginx was killed and comes back, in step to the millisecond', async () => {
    const push = new LivePush(`rtmp://127.0.0.1:${nginx.port}/live/killed`);
    await push.open();
    await push.tags(60);
    const down = push.next('down');
    await nginx.kill();
    await down;
    await push.tags(30);
    await nginx.start();
    await push.next('back');
    await push.tags(120);
    await push.close();
    expect(push.sink.encoderCounts).toMatchObject({ restarts: 0 });
    await nginx.recording('killed');
    const files = await nginx.recordings('killed');
    expect(files).toHaveLength(2);
    const tags = (await readFlv(files[1] ?? '')).filter(isMedia);
    expect(tags.find(isPicture)?.isKeyframe).toBe(true);
    expect(tags.length).toBeGreaterThan(60);
    // nginx counts from the first tag; beside that, everything stands where the encoder had put it.
    const shifts = sourceTimes(push.encoded, tags).map((time, i) => time - (tags[i]?.timestampMs ?? NaN));
    expect(Math.max(...shifts) - Math.min(...shifts)).toBeLessThanOrEqual(1);
    expect(push.output.counts).toMatchObject({ connections: 2, breaks: 1 });
  });

  it('goes on when nginx stops reading for a while', async () => {
    const push = new LivePush(`rtmp://127.0.0.1:${nginx.port}/live/stalled`, { stallMs: 1500 });
    await push.open();
    // Two answers to pings, so that they are known to come.
    await push.tags(150);
    nginx.pause();
    await push.next('down');
    nginx.resume();
    await push.next('back');
    await push.tags(30);
    await push.close();
    expect(push.output.counts).toMatchObject({ stalls: 1, breaks: 1 });
    expect(push.output.counts.dropped.audio).toMatchObject({ late: 0, full: 0, noKeyframe: 0 });
  });

  it('waits until the stream of somebody else has ended', async () => {
    const url = `rtmp://127.0.0.1:${nginx.port}/live/wanted`;
    const first = new LivePush(url);
    await first.open();
    const second = new LivePush(url, { openPatienceMs: 30_000 });
    const refused = second.next('refused');
    const opened = second.open();
    await refused;
    await first.close();
    await opened;
    await second.tags(20);
    await second.close();
    expect(first.output.counts).toMatchObject({ breaks: 0 });
    expect(second.output.counts.refusals).toBeGreaterThan(0);
  });
});

describeLong(['ffmpeg'], 'a push to node-media-server', () => {
  it('goes on when the ingest was killed and comes back, with the times it would have had', async () => {
    const ingest = new LocalIngest();
    await ingest.start();
    const { rtmpPort, httpPort } = ingest;
    const arrived: FlvTag[][] = [];
    const read = async (from: LocalIngest): Promise<FlvReader> => {
      const tags: FlvTag[] = [];
      arrived.push(tags);
      const reader = new FlvReader(from.flvUrl('killed'), { onTag: (tag) => tags.push(tag) });
      await reader.open();
      return reader;
    };
    const readers = [await read(ingest)];
    const push = new LivePush(ingest.pushUrl('killed'));
    await push.open();
    await push.tags(60);
    process.kill(ingest.pid ?? NaN, 'SIGKILL');
    await push.next('down');
    await ingest.stop();
    await push.tags(30);
    const again = new LocalIngest({ rtmpPort, httpPort });
    await again.start();
    readers.push(await read(again));
    await push.next('back');
    await push.tags(120);
    await push.close();
    await readers[1]?.ended;
    for (const reader of readers) await reader.close();
    await again.stop();
    const after = arrived[1]?.filter(isMedia) ?? [];
    expect(after[0]?.isKeyframe).toBe(true);
    expect(after.length).toBeGreaterThan(60);
    const all = arrived.flat().filter(isMedia);
    expect(all.map(({ timestampMs }) => timestampMs)).toEqual(sourceTimes(push.encoded, all));
    for (const kind of [tagType.audio, tagType.video]) {
      const times = all.filter(({ type }) => type === kind).map(({ timestampMs }) => timestampMs);
      expect(times).toEqual([...new Set(times)].sort((a, b) => a - b));
    }
  });
});

describeLong(['ffmpeg', 'openssl'], 'a push by rtmps', () => {
  const folder = mkdtempSync(join(tmpdir(), 'facewire-tls-'));
  const key = join(folder, 'key.pem');
  const cert = join(folder, 'cert.pem');
  let ingest: TestIngest;
  beforeAll(async () => {
    const subject = ['-subj', '/CN=ingest', '-addext', 'subjectAltName=IP:127.0.0.1'];
    const kind = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'];
    execFileSync('openssl', ['req', '-x509', ...kind, '-keyout', key, '-out', cert, ...subject], {
      stdio: 'ignore',
    });
    const tls = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
    ingest = await new TestIngest({ tls }).listen();
  });
  afterAll(async () => {
    await ingest.stop();
    rmSync(folder, { recursive: true });
  });

  it('goes on after a loss', async () => {
    const push = new LivePush(ingest.url('secure'), { ca: readFileSync(cert, 'utf8') });
    await push.open();
    await push.tags(30);
    ingest.reset();
    await push.next('back');
    await push.tags(60);
    await push.close();
    const all = ingest.visits.flatMap(({ tags }) => tags).filter(isMedia);
    expect(all.map(({ timestampMs }) => timestampMs)).toEqual(sourceTimes(push.encoded, all));
    expect(ingest.visits).toHaveLength(2);
  });

  it('trusts no certificate that nobody vouches for', async () => {
    const push = new RtmpOutput(ingest.url('secure'));
    const opening = push.open({ ...smallFormat, videoKbps: 1000, audioKbps: 64 });
    await expect(opening).rejects.toMatchObject({
      code: 'ERR_RTMP_CONNECT',
      message: expect.stringContaining('DEPTH_ZERO_SELF_SIGNED_CERT') as string,
    });
  });
});

describeLong([], 'a push of a process that has no file descriptors left', () => {
  it.runIf(process.platform === 'linux')('goes on when it has some again', async () => {
    const ingest = await new TestIngest().listen();
    const script = `
      const { openSync, closeSync } = await import('node:fs');
      const { RtmpOutput } = await import(${JSON.stringify(entryUrl('sinks/rtmp-sink').href)});
      const files = [];
      let failures = 0;
      const onEvent = ({ type, error }) => {
        if (error?.message.includes('EMFILE') && ++failures === 3) {
          clearInterval(hunger);
          for (const file of files) closeSync(file);
        }
        if (type === 'back') process.exit(failures);
      };
      // The longest waits, so that the descriptor of the lost connection is taken before the next attempt.
      const push = new RtmpOutput(${JSON.stringify(ingest.url('x'))}, { onEvent, random: () => 0.999 });
      await push.open({ ...${JSON.stringify(smallFormat)}, videoKbps: 1000, audioKbps: 64 });
      const hunger = setInterval(() => {
        try {
          for (;;) files.push(openSync('/dev/null'));
        } catch {
          if (push.state === 'live') console.log('full');
        }
      }, 1);
      // In a real push the encoder keeps the process alive.
      setInterval(() => undefined, 1000);`;
    const child = spawn(
      'sh',
      ['-c', 'ulimit -n 64; exec "$0" --input-type=module -e "$1"', process.execPath, script],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    );
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    ingest.reset();
    const [code] = (await ended) as [number | null];
    expect(code).toBe(3);
    expect(ingest.visits).toHaveLength(2);
    await ingest.stop();
  });
});
