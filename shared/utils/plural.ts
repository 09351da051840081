/** The sentence for a count; "#" stands for the number: `plural(3, '1 ticket', '# tickets')`. */
export function plural(count: number, one: string, other: string): string {
  return (count === 1 ? one : other).replaceAll('#', count.toLocaleString('en'))
}
