import { describe, expect, it } from 'vitest';

import { parseKioskConfig } from '../../src/kiosk/config.js';
import { sentencesOf } from '../../src/kiosk/sentences.js';
import { systemdUnit } from '../../src/kiosk/unit.js';

const messageOf = (text: string): string => {
  try {
    parseKioskConfig(text, 'kiosk.yaml');
    return '';
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'ERR_INPUT_UNREADABLE' });
    return (thrown as Error).message;
  }
};

describe('the file of a kiosk', () => {
  it('may be empty', () => {
    expect(parseKioskConfig('', 'kiosk.yaml')).toEqual({
      cloud: undefined,
      voice: 'slt',
      answers: undefined,
      card: { device: '', bufferMs: 800, latencyMs: 60 },
      picture: {
        page: true,
        screen: undefined,
        rtmp: false,
        width: 1280,
        height: 720,
        fps: 25,
        background: 'studio',
        subtitles: false,
        logo: undefined,
        transparent: undefined,
      },
      http: { host: '127.0.0.1', port: 8780 },
      secrets: undefined,
    });
  });

  it('has a cloud, a card, a picture', () => {
    const text = `
cloud: { url: wss://gw.example, appkey: key, project: p1, timbre: warm }
local: { voice: espeak:cmn, answers: answers.yaml }
card: { device: /usb/i, latencyMs: 30 }
picture: { page: false, rtmp: true, width: 640, height: 360, fps: 30 }
http: { port: 0 }
`;
    expect(parseKioskConfig(text, 'kiosk.yaml')).toMatchObject({
      cloud: { url: 'wss://gw.example', appkey: 'key', project: 'p1', timbre: 'warm' },
      voice: 'espeak:cmn',
      answers: 'answers.yaml',
      card: { device: '/usb/i', latencyMs: 30 },
      picture: { page: false, rtmp: true, width: 640, height: 360, fps: 30 },
      http: { port: 0 },
    });
    expect(parseKioskConfig('card: false', 'kiosk.yaml').card).toBeUndefined();
    const over = 'picture: { subtitles: true, logo: l.png, transparent: ';
    expect(parseKioskConfig(`${over}key-and-fill }`, 'kiosk.yaml').picture).toMatchObject({
      subtitles: true,
      logo: 'l.png',
      transparent: { mode: 'key-and-fill' },
    });
    expect(parseKioskConfig(`${over}'#0f0' }`, 'kiosk.yaml').picture).toMatchObject({
      transparent: { mode: 'chroma', colour: '#0f0' },
    });
  });

  it.each([
    ['true', { browser: undefined, arguments: [] }],
    ['false', undefined],
    ['{}', { browser: undefined, arguments: [] }],
    ['{ browser: /opt/x }', { browser: '/opt/x', arguments: [] }],
    ['{ arguments: [--a=1, --b] }', { browser: undefined, arguments: ['--a=1', '--b'] }],
  ])('has a screen: %s', (text, screen) => {
    expect(parseKioskConfig(`picture: { screen: ${text} }`, 'kiosk.yaml').picture.screen).toEqual(screen);
  });

  it.each([
    [
      'cloud: { url: wss://a, appkey: k, project: p, accessToken: canary-77 }',
      /kiosk\.yaml:1: cloud\.accessToken/,
    ],
    ['cloud: { url: http://a, appkey: k, project: p }', /cloud\.url must be ws:/],
    ['cloud: { url: wss://u:p@a, appkey: k, project: p }', /cloud\.url/],
    ['cloud: { url: wss://a, project: p }', /cloud\.appkey/],
    ['card: yes', /card/],
    ['card: { bufferMs: 10 }', /card\.bufferMs must be a number of 60 to 2000/],
    ['\n\npicture: { width: 641 }', /kiosk\.yaml:3: picture\.width must be an even number/],
    ['picture: { fps: 25.5 }', /picture\.fps must be a whole number/],
    ['picture: { page: 1 }', /picture\.page must be true or false/],
    ['picture: { screen: 1 }', /picture\.screen must be true, false, or an object with browser, arguments/],
    ['picture: { page: false, screen: true }', /picture\.screen must be false while page is false/],
    ['picture: { screen: { path: /x } }', /picture\.screen\.path must be one of browser, arguments/],
    ['picture: { screen: { arguments: [x] } }', /picture\.screen\.arguments\[0\] must be an argument that/],
    ['picture: { subtitles: 1 }', /picture\.subtitles must be true or false/],
    ['picture: { logo: true }', /picture\.logo must be a text/],
    ['\npicture: { transparent: green }', /kiosk\.yaml:2: picture\.transparent must be key-and-fill, '#rgb'/],
    ['http: { port: 70000 }', /http\.port/],
    ['lokal: {}', /lokal/],
    ['a: [', /kiosk\.yaml:1/],
  ])('refuses %s', (text, message) => {
    expect(messageOf(text)).toMatch(message);
    expect(messageOf(text)).not.toContain('canary-77');
  });
});

describe('sentencesOf', () => {
  it.each([
    ['One. Two! Is it three? Yes', ['One. ', 'Two! ', 'Is it three? ', 'Yes']],
    [
      'Dr. Smith has 3.14 of them, and more. All right.',
      ['Dr. Smith has 3.14 of them, and more. ', 'All right.'],
    ],
    ['你好。今天天气很好！', ['你好。', '今天天气很好！']],
    ['   ', []],
    ['no end', ['no end']],
  ])('cuts %j', (text, sentences) => {
    expect(sentencesOf(text)).toEqual(sentences);
    if (sentences.length > 0) expect(sentencesOf(text).join('')).toBe(text);
  });
});

describe('systemdUnit', () => {
  it('quotes what needs it', () => {
    const unit = systemdUnit([
      '/usr/bin/node',
      '/opt/my box/100%/main.js',
      'kiosk',
      '--config',
      '/etc/k.yaml',
    ]);
    expect(unit).toContain(
      'ExecStart=/usr/bin/node "/opt/my box/100%%/main.js" kiosk --config /etc/k.yaml\n',
    );
    expect(unit).toMatch(/^Restart=always$/m);
  });

  it('brings a graphical session for a kiosk that has a screen', () => {
    const command = ['/usr/bin/node', '/opt/main.js', 'kiosk', '--config', '/etc/k.yaml'];
    const unit = systemdUnit(command, true);
    expect(unit).toContain(
      'ExecStart=/usr/bin/cage -- /usr/bin/node /opt/main.js kiosk --config /etc/k.yaml\n',
    );
    expect(unit).toMatch(/^User=(?!root)\w+$/m);
    expect(unit).toMatch(/^KillMode=control-group$/m);
    expect(systemdUnit(command)).not.toMatch(/cage|^User=|tty/m);
  });
});
