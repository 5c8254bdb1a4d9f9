import { describe, expect, it } from 'vitest';

import { locateFfmpeg, type FfmpegMachine } from '../../src/sinks/ffmpeg-locate.js';

const paths = {
  setting: '/own/ffmpeg',
  FFMPEG_BIN: '/env/ffmpeg',
  'ffmpeg-static': '/modules/static/ffmpeg',
  PATH: 'ffmpeg',
  '@ffmpeg-installer/ffmpeg': '/modules/installer/ffmpeg',
};
type Place = keyof typeof paths;

/** How a program answers: as a whole ffmpeg, as one without x264, by a system error, or by dying. */
type Health = 'works' | 'noX264' | 'ENOENT' | 'EACCES' | 'EMFILE' | 'SIGILL';

const answers: Readonly<Record<string, string>> = {
  '-version': 'ffmpeg version 7.1 Copyright\nlibavutil      59. 39.100 / 59. 39.100\n',
  '-encoders': ' V....D libx264              H.264\n V....D h264_vaapi           H.264\n A....D aac  AAC\n',
  '-muxers': '  E flv             FLV\n  E mp4             MP4\n',
};

/** A machine that has ffmpeg in these places, and what was run on it. */
class Machine implements FfmpegMachine {
  readonly runs: string[] = [];
  readonly environment: Record<string, string | undefined>;

  /** @param missing files that a package names and that are not there. */
  constructor(
    readonly has: Partial<Record<Place, Health>>,
    readonly missing: readonly Place[] = [],
  ) {
    this.environment = has.FFMPEG_BIN === undefined ? {} : { FFMPEG_BIN: paths.FFMPEG_BIN };
  }

  readonly load = (name: string): unknown => {
    const place = name as 'ffmpeg-static' | '@ffmpeg-installer/ffmpeg';
    if (this.has[place] === undefined) throw new Error(`Cannot find module '${name}'`);
    return place === 'ffmpeg-static' ? paths[place] : { path: paths[place] };
  };

  readonly exists = (path: string): boolean => !this.missing.some((place) => paths[place] === path);

  readonly run = (path: string, args: readonly string[]): Promise<string> => {
    const option = args.at(-1) ?? '';
    this.runs.push(`${path} ${option}`);
    const place = (Object.keys(paths) as Place[]).find((name) => paths[name] === path)!;
    const health = this.has[place] ?? 'ENOENT';
    if (health === 'SIGILL') return Promise.reject(Object.assign(new Error('died'), { signal: health }));
    if (health !== 'works' && health !== 'noX264')
      return Promise.reject(Object.assign(new Error(health), { code: health }));
    const answer = answers[option] ?? '';
    return Promise.resolve(health === 'noX264' ? answer.replace('libx264', 'libx265') : answer);
  };

  locate(setting?: string): ReturnType<typeof locateFfmpeg> {
    return locateFfmpeg(setting, this);
  }
}

const everything = {
  setting: 'works',
  FFMPEG_BIN: 'works',
  'ffmpeg-static': 'works',
  PATH: 'works',
  '@ffmpeg-installer/ffmpeg': 'works',
} as const;

describe('the search for ffmpeg', () => {
  it('takes the setting before everything else', async () => {
    const machine = new Machine(everything);
    expect(await machine.locate(paths.setting)).toMatchObject({
      origin: 'setting',
      path: paths.setting,
      version: 'ffmpeg version 7.1 Copyright',
      passthrough: ['-fps_mode', 'passthrough'],
      encoders: new Set(['libx264', 'h264_vaapi', 'aac']),
    });
    expect(machine.runs).toEqual(['-version', '-encoders', '-muxers'].map((o) => `${paths.setting} ${o}`));
  });

  it.each<[Place, Partial<Record<Place, Health>>]>([
    ['FFMPEG_BIN', everything],
    ['ffmpeg-static', { ...everything, FFMPEG_BIN: undefined }],
    ['PATH', { PATH: 'works', '@ffmpeg-installer/ffmpeg': 'works' }],
    ['@ffmpeg-installer/ffmpeg', { '@ffmpeg-installer/ffmpeg': 'works' }],
  ])('then takes %s, when nothing comes before', async (origin, has) => {
    expect(await new Machine(has).locate()).toMatchObject({ origin, path: paths[origin] });
  });

  it.each<Health>(['ENOENT', 'EACCES', 'SIGILL', 'noX264'])(
    'passes over packages and programs that do not work: %s',
    async (health) => {
      const has = { 'ffmpeg-static': health, PATH: health, '@ffmpeg-installer/ffmpeg': 'works' } as const;
      expect(await new Machine(has).locate()).toMatchObject({ origin: '@ffmpeg-installer/ffmpeg' });
    },
  );

  it('passes over a package whose file was never downloaded, without running it', async () => {
    const machine = new Machine({ 'ffmpeg-static': 'works', PATH: 'works' }, ['ffmpeg-static']);
    expect(await machine.locate()).toMatchObject({ origin: 'PATH' });
    expect(machine.runs.some((run) => run.startsWith(paths['ffmpeg-static']))).toBe(false);
  });

  it.each([
    ['setting', new Machine({ ...everything, setting: 'SIGILL' }), paths.setting],
    ['FFMPEG_BIN', new Machine({ ...everything, FFMPEG_BIN: 'SIGILL' }), undefined],
  ] as const)('takes no other in silence when %s does not work', async (origin, machine, setting) => {
    await expect(machine.locate(setting)).rejects.toMatchObject({
      code: 'ERR_FFMPEG_MISSING',
      received: `${origin} (${paths[origin]}): does not run here`,
    });
  });

  it('says of each place what is wrong with it when there is none', async () => {
    const machine = new Machine({
      'ffmpeg-static': 'SIGILL',
      PATH: 'noX264',
      '@ffmpeg-installer/ffmpeg': 'EACCES',
    });
    await expect(machine.locate()).rejects.toMatchObject({
      code: 'ERR_FFMPEG_MISSING',
      message:
        'no working ffmpeg was found; tried ffmpeg-static (/modules/static/ffmpeg): does not run here; ' +
        'PATH (ffmpeg): lacks libx264; @ffmpeg-installer/ffmpeg (/modules/installer/ffmpeg): not executable',
      remedy: expect.stringMatching(/FFMPEG_BIN/) as string,
    });
    await expect(new Machine({}).locate()).rejects.toMatchObject({
      received:
        'ffmpeg-static: not installed; PATH (ffmpeg): not found; @ffmpeg-installer/ffmpeg: not installed',
    });
    await expect(new Machine({ PATH: 'EMFILE' }).locate()).rejects.toMatchObject({
      message: expect.stringContaining('PATH (ffmpeg): could not be started (EMFILE)') as string,
    });
  });

  it('runs each candidate once, and one that failed again later', async () => {
    const machine = new Machine({ PATH: 'ENOENT' });
    await expect(machine.locate()).rejects.toMatchObject({ code: 'ERR_FFMPEG_MISSING' });
    machine.has.PATH = 'works';
    const [first, second] = await Promise.all([machine.locate(), machine.locate()]);
    expect(second).toBe(first);
    expect(machine.runs).toEqual(['-version', '-version', '-encoders', '-muxers'].map((o) => `ffmpeg ${o}`));
  });
});
