// How tiles are laid out. Pure.

/** What the tile of a camera takes below its picture, and the least width at which it is of use. */
export const CAPTION = 84;
export const NARROWEST = 260;
export const GAP = 12;
const SHAPE = 16 / 9;

/**
 * Return the columns and the width of tiles: the largest at which all are in view. If that is too
 * small to be of use, as many columns as are, and the page scrolls. Another row or column is begun
 * only where no other arrangement has larger tiles; of two alike, the one with fewer rows.
 */
export function arrange(count, width, height) {
  let best = { columns: 1, tile: 0 };
  for (let columns = 1; columns <= count; columns += 1) {
    const rows = Math.ceil(count / columns);
    const across = (width - GAP * (columns - 1)) / columns;
    const down = ((height - GAP * (rows - 1)) / rows - CAPTION) * SHAPE;
    const tile = Math.floor(Math.min(across, down));
    if (tile >= best.tile) best = { columns, tile };
  }
  if (best.tile >= Math.min(NARROWEST, width)) return best;
  const columns = Math.max(1, Math.min(count, Math.floor((width + GAP) / (NARROWEST + GAP))));
  return { columns, tile: Math.floor((width - GAP * (columns - 1)) / columns) };
}
