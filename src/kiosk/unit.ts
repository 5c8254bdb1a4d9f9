/**
 * A systemd unit that runs the kiosk for ever: started again after any end,
 * its log in the journal, which the system rotates.
 *
 * @param command program and arguments, with absolute paths.
 */
export function systemdUnit(command: readonly string[]): string {
  return `[Unit]
Description=Facewire kiosk
Wants=network-online.target sound.target
After=network-online.target sound.target

[Service]
ExecStart=${command.map(unitWord).join(' ')}
# The access token of the cloud and a push address with a key; mode 0600.
EnvironmentFile=-/etc/facewire/kiosk.env
Restart=always
RestartSec=1
# What is left of our children when we are killed goes with us.
KillMode=mixed
TimeoutStopSec=20
# The callback of the sound card asks for this.
LimitRTPRIO=20
StandardOutput=journal
StandardError=journal
NoNewPrivileges=true

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
