/** What differs between a kiosk that shows its page itself and one that does not. */
interface UnitParts {
  readonly unit: string;
  readonly before: readonly string[];
  readonly service: string;
  readonly kill: string;
}

const headless: UnitParts = {
  unit: `Wants=network-online.target sound.target
After=network-online.target sound.target
`,
  before: [],
  service: `NoNewPrivileges=true
`,
  kill: `# What is left of our children when we are killed goes with us.
KillMode=mixed
`,
};

/** A compositor for one application, on the first terminal. Chromium's sandbox refuses root. */
const withScreen: UnitParts = {
  unit: `Wants=network-online.target sound.target dbus.socket systemd-logind.service
After=network-online.target sound.target dbus.socket systemd-logind.service
After=systemd-user-sessions.service plymouth-quit-wait.service getty@tty1.service
Conflicts=getty@tty1.service
`,
  before: ['/usr/bin/cage', '--'],
  service: `# apt install cage xwayland chromium; useradd --create-home --groups audio,video,render,input facewire
User=facewire
PAMName=login
TTYPath=/dev/tty1
TTYReset=yes
TTYVHangup=yes
TTYVTDisallocate=yes
StandardInput=tty-fail
UtmpIdentifier=tty1
UtmpMode=user
`,
  kill: `# The compositor would not tell us; what is left when it ends goes with it.
KillMode=control-group
`,
};

/**
 * A systemd unit that runs the kiosk for ever: started again after any end,
 * its log in the journal, which the system rotates.
 *
 * @param command program and arguments, with absolute paths.
 * @param hasScreen whether the kiosk shows its page itself, which needs a graphical session; the unit brings one.
 */
export function systemdUnit(command: readonly string[], hasScreen = false): string {
  const { unit, before, service, kill } = hasScreen ? withScreen : headless;
  return `[Unit]
Description=Facewire kiosk
${unit}
[Service]
ExecStart=${[...before, ...command].map(unitWord).join(' ')}
# The access token of the cloud and a push address with a key; mode 0600.
EnvironmentFile=-/etc/facewire/kiosk.env
Restart=always
RestartSec=1
${kill}TimeoutStopSec=20
# The callback of the sound card asks for this.
LimitRTPRIO=20
StandardOutput=journal
StandardError=journal
${service}
[Install]
WantedBy=multi-user.target
`;
}

/** As systemd reads it for one word. */
function unitWord(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll('%', '%%')
    .replaceAll('$', '$$$$');
  return /^[\w@+=:,./%-]+$/.test(text) ? escaped : `"${escaped}"`;
}
