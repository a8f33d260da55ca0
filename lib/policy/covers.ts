/**
 * Whether a pattern of a policy (`*` any text, `?` any character) holds for all that `target` stands for.
 * @param target an exact text, or, with one star at its end, every text that begins so: `arn:aws:s3:::charts/*`
 */
export function covers(pattern: string, target: string): boolean {
  if (!target.endsWith('*')) return matches(pattern, target);
  // Whatever may follow, only a star at the end holds for it; what stands before that star has a beginning to hold for.
  return pattern.endsWith('*') && matches(pattern, target.slice(0, -1));
}

/** Linear in practice whatever the pattern: a regular expression made of somebody's policy could take for ever. */
function matches(pattern: string, text: string): boolean {
  let [p, t, star, resume] = [0, 0, -1, 0];
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      resume = t;
    } else if (pattern[p] === '?' || pattern[p] === text[t]) {
      p++;
      t++;
    } else if (star >= 0) {
      // The last star takes one character more.
      p = star + 1;
      t = ++resume;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}
