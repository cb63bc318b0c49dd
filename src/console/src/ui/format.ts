// Numbers, sizes and times as people read them.

export function count(value: number | undefined): string {
  if (value === undefined || Number.isNaN(value)) return '–';
  return value.toLocaleString('en-US', { maximumFractionDigits: Math.abs(value) < 10 ? 2 : 0 });
}

export const fixed = (value: number | undefined | null, digits = 2) =>
  value === undefined || value === null || Number.isNaN(value) ? '–' : value.toFixed(digits);

export function bytes(value: number | undefined): string {
  if (value === undefined) return '–';
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`;
}

export function duration(milliseconds: number | undefined): string {
  if (milliseconds === undefined || Number.isNaN(milliseconds)) return '–';
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`;
  const seconds = milliseconds / 1000;
  if (seconds < 60) return `${seconds.toFixed(1)} s`;
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${Math.round(seconds % 60)} s`;
  if (seconds < 86400) return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} min`;
  return `${(seconds / 86400).toFixed(1)} d`;
}

/** A time in epoch seconds or milliseconds, or as text; UTC. */
export function time(value: number | string | undefined): string {
  if (value === undefined || value === '') return '–';
  const date = new Date(typeof value === 'number' && value < 1e11 ? value * 1000 : value);
  return date.toISOString().slice(0, 19).replace('T', ' ');
}

/** What stands behind the last '/' or ':' of an ARN. */
export const nameOf = (arn: string | undefined) => arn?.split('/').pop()?.split(':').pop() ?? '';
