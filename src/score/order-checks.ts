import { arkitIndex, frameWidth, weightCount, type ArkitName } from '../frame.js';
import { featureOrders, type FeatureOrderName } from '../media/orders.js';
import { MediaSession } from '../media/session.js';
import { defaultSampleRate } from '../wire/endpoint.js';
import type { Check } from './check.js';
import type { Take } from './corpus.js';
import { shareOf } from './share.js';
import { percent } from './speech-tally.js';

const names = Object.keys(featureOrders) as FeatureOrderName[];

/**
 * Test 10: every channel of every order alone, in by the media session and found under its name; and a
 * stream whose columns are in Apple's order while they are read as the wire's must be noticed.
 */
export function orderChecks(takes: readonly Take[]): Check[] {
  const ways: [string, readonly ArkitName[]][] = [
    ...names.map((name): [string, readonly ArkitName[]] => [name, featureOrders[name]]),
    ['mediapipe without its first', featureOrders.alphabetical.filter((name) => name !== 'tongueOut')],
  ];
  const channels = ways.flatMap(([, order]) => order.map((name) => arrives(order, name)));
  const noticed = takes.map((take) => suspectedIn(take, 'arkit'));
  const trusted = takes.map((take) => suspectedIn(take, 'tencent-3d-standard'));
  return [
    {
      test: 10,
      of: '',
      what: 'channels found under their names, every order, one at a time',
      value: percent(shareOf(channels, (good) => good)),
      least: 100,
      unit: '%',
      count: channels.length,
    },
    {
      test: 10,
      of: '',
      what: 'streams in header order that are noticed when read as 3D_standard',
      value: percent(shareOf(noticed, (found) => found === 'arkit')),
      least: 100,
      unit: '%',
      count: noticed.length,
    },
    {
      test: 10,
      of: '',
      what: 'streams in the right order that nothing is said of',
      value: percent(shareOf(trusted, (found) => found === undefined)),
      least: 100,
      unit: '%',
      count: trusted.length,
    },
  ];
}

/** Whether a channel that comes alone in its column is the only one that a session shows. */
function arrives(order: readonly ArkitName[], name: ArkitName): boolean {
  using session = new MediaSession({ featureOrder: order, mouthLeadMs: 0, idleSeed: -1 });
  session.begin();
  // mouthClose may not go far below the jaw.
  const height = name === 'mouthClose' ? 0.1 : 0.7;
  const row = order.map((column) => (column === name ? height : 0));
  session.pushParsed({
    audio: Buffer.alloc(2 * defaultSampleRate).toString('base64'),
    features: Array.from({ length: 25 }, () => row).flat(),
    sampleRate: defaultSampleRate,
    final: true,
  });
  const face = new Float32Array(frameWidth);
  session.commit(session.sampleRate);
  session.frameAt(session.sampleRate / 2, face);
  return face
    .subarray(0, weightCount)
    .every((value, column) => Math.abs(value - (column === arkitIndex[name] ? height : 0)) < 1e-6);
}

/** What a session that reads columns as the wire's suspects of a take sent in another order. */
function suspectedIn(take: Take, sent: FeatureOrderName): string | undefined {
  using session: MediaSession & { readonly suspectedOrder?: string } = new MediaSession({ idleSeed: -1 });
  const wire = featureOrders['tencent-3d-standard'];
  const places = featureOrders[sent].map((name) => (wire as readonly ArkitName[]).indexOf(name));
  session.begin();
  take.clauses.forEach(({ pcm, features }, index) => {
    const values = features.map(
      (_, i) => features[i - (i % weightCount) + (places[i % weightCount] ?? 0)] ?? 0,
    );
    session.pushParsed({
      audio: Buffer.from(pcm.buffer, pcm.byteOffset, pcm.byteLength).toString('base64'),
      features: values,
      sampleRate: defaultSampleRate,
      clause: index + 1,
      sentenceStart: true,
      final: index === take.clauses.length - 1,
    });
  });
  return session.suspectedOrder;
}
