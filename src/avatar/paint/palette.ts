/**
 * Colours of the character. The inner mouth keeps its distance from skin and
 * lips on purpose: a far end measures the mouth by it (mouth-region.ts).
 */
export const palette = {
  skinLight: '#fbdcc0',
  skin: '#f3c5a2',
  skinShade: '#e2a581',
  skinDeep: '#c98463',
  skinLine: '#b06a4f',
  blush: '#ec8672',
  lipUpper: '#c2605a',
  lipLower: '#d47a70',
  lipLight: '#eaa498',
  lipLine: '#96443f',
  cavity: '#4a0a20',
  cavityDeep: '#2c0613',
  teeth: '#fbfaf6',
  teethShade: '#d5dae0',
  tongue: '#a83c68',
  tongueLight: '#bd5580',
  tongueLine: '#842a4e',
  hairDark: '#2d1f24',
  hair: '#4a3236',
  hairLight: '#7a5350',
  hairBack: '#33232a',
  brow: '#49322f',
  lash: '#2b1c20',
  sclera: '#fdfbf8',
  scleraShade: '#cfd3da',
  iris: '#4f8a84',
  irisLight: '#8cc0b0',
  irisRim: '#224a4d',
  pupil: '#10191c',
  jacket: '#24545f',
  jacketLight: '#35707b',
  jacketDark: '#183e49',
  top: '#f8f1e6',
  topShade: '#dccfbd',
  stud: '#e9c46a',
  backdrop: '#e6ecea',
  backdropEdge: '#b9cdd0',
  backdropGlow: '#fbf4e8',
} as const;

/** A palette colour with an opacity from 0 to 1. */
export function faded(colour: string, opacity: number): string {
  const value = Number.parseInt(colour.slice(1), 16);
  return `rgba(${value >> 16}, ${(value >> 8) & 255}, ${value & 255}, ${opacity.toFixed(4)})`;
}
