/**
 * The child process of AudioIoSink: its callback runs on the JavaScript thread,
 * which here has nothing else to do. Sound comes on stdin (mono s16), reports
 * go out by IPC.
 */
interface AudioIo {
  createAudioOutput(
    config: { sampleRate: number; channelCount: number; bufferDuration: number },
    fill: (out: Int16Array) => void,
  ): Promise<{ dispose(): Promise<void> }>;
}

const [, moduleName = '@echogarden/audio-io', , rateText = '48000'] = process.argv.slice(2);
const channels = 2;
const bufferMs = 20;
/** Behind the last sample, so that the device has played it when the stream ends. */
const tailMs = 250;

process.on('disconnect', () => process.exit(0));
process.on('SIGINT', () => undefined);

function say(message: Record<string, unknown>, after?: () => void): void {
  process.send?.(message, () => after?.());
}

async function load(): Promise<AudioIo | undefined> {
  try {
    return (await import(moduleName)) as AudioIo;
  } catch (thrown) {
    const noModule = thrown instanceof Error ? (thrown.message.split('\n')[0] ?? '') : '';
    say({ noModule }, () => process.exit(2));
    return undefined;
  }
}

async function play(audio: AudioIo): Promise<void> {
  const sampleRate = Number(rateText);
  let waiting: Buffer = Buffer.alloc(0);
  let ended = false;
  let tail = (sampleRate * tailMs) / 1000;
  let taken = 0;
  let inserted = 0;

  const fill = (out: Int16Array): void => {
    const frames = Math.min(out.length / channels, waiting.length >> 1);
    for (let i = 0; i < frames; i++) out.fill(waiting.readInt16LE(i * 2), i * channels, (i + 1) * channels);
    out.fill(0, frames * channels);
    waiting = waiting.subarray(frames * 2);
    const silent = out.length / channels - frames;
    if (ended) tail -= silent;
    else if (taken > 0) inserted += silent;
    taken += frames;
  };
  process.stdin.on(
    'data',
    (bytes: Buffer) => (waiting = waiting.length === 0 ? bytes : Buffer.concat([waiting, bytes])),
  );
  process.stdin.on('end', () => (ended = true));
  say({ phase: 'opening' });
  const output = await audio.createAudioOutput(
    { sampleRate, channelCount: channels, bufferDuration: bufferMs },
    fill,
  );
  say({ opened: true });
  const report = setInterval(() => {
    say({ taken, inserted });
    if (tail > 0) return;
    clearInterval(report);
    void output.dispose().then(() => say({ done: true, taken, inserted }, () => process.exit(0)));
  }, 20);
}

const audio = await load();
try {
  if (audio !== undefined) await play(audio);
} catch (thrown) {
  say({ failed: String(thrown).slice(0, 300) }, () => process.exit(4));
}
