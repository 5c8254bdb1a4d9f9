/** Bytes of sent frames that one drive keeps until a status confirms them. */
export const maxKeptBytes = 256 * 1024;

export interface Packet {
  readonly sequence: number;
  readonly frame: string;
  readonly bytes: number;
}

/** Packets that were sent and that no status has confirmed; the oldest go when there are too many. */
export class Unconfirmed {
  #packets: Packet[] = [];
  #bytes = 0;
  #lossy = false;

  get count(): number {
    return this.#packets.length;
  }

  /** Some packet was given up to make room: not everything could be sent again. */
  get isLossy(): boolean {
    return this.#lossy;
  }

  add(packet: Packet): void {
    this.#packets.push(packet);
    this.#bytes += packet.bytes;
    while (this.#bytes > maxKeptBytes) {
      this.#bytes -= this.#packets.shift()!.bytes;
      this.#lossy = true;
    }
  }

  /** Takes one out, the last one for 0. */
  take(sequence: number): Packet | undefined {
    const index =
      sequence === 0
        ? this.#packets.length - 1
        : this.#packets.findLastIndex((packet) => packet.sequence === sequence);
    const [packet] = index < 0 ? [] : this.#packets.splice(index, 1);
    this.#bytes -= packet?.bytes ?? 0;
    return packet;
  }

  /** Packets up to this one have come. */
  confirm(upTo: number): void {
    this.#packets = this.#packets.filter((packet) => packet.sequence > upTo);
    this.#bytes = this.#packets.reduce((sum, packet) => sum + packet.bytes, 0);
  }

  /** Gives them out, to be sent again; each counts as unconfirmed anew when it is. */
  takeAll(): readonly Packet[] {
    const packets = this.#packets;
    this.clear();
    return packets;
  }

  clear(): void {
    this.#packets = [];
    this.#bytes = 0;
  }
}
