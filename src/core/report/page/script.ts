/** Values under the pointer. Everything can be read without it. */
export const SCRIPT = `
(() => {
  const reveal = () => document.getElementById(location.hash.slice(1))?.closest('details')?.setAttribute('open', '');
  addEventListener('hashchange', reveal);
  reveal();
  const lines = JSON.parse(document.getElementById('chart-data').textContent);
  const clock = (s) => { const t = (n) => String(n).padStart(2, '0'), h = Math.floor(s / 3600), m = Math.floor(s / 60) % 60;
    return h ? h + ':' + t(m) + ':' + t(s % 60) : m + ':' + t(s % 60); };
  const nearest = (points, at) => points.reduce((best, p) => Math.abs(p[0] - at) < Math.abs(best[0] - at) ? p : best);
  const held = (points, at) => points.reduce((best, p) => p[0] <= at ? p : best);
  const charts = [];
  const hideAll = () => charts.forEach(({ cursor }) => { cursor.style.visibility = 'hidden'; });
  const point = (seconds) => charts.forEach(({ cursor, d, data }) => {
    const x = d.left + seconds / data.seconds * (d.right - d.left);
    cursor.setAttribute('x1', x);
    cursor.setAttribute('x2', x);
    cursor.style.visibility = 'visible';
  });
  for (const svg of document.querySelectorAll('svg[data-chart]')) {
    const data = lines[svg.dataset.chart];
    if (!data) continue;
    const title = svg.querySelector('title');
    svg.setAttribute('aria-label', title.textContent);
    svg.removeAttribute('aria-labelledby');
    svg.setAttribute('aria-describedby', svg.querySelector('desc').id);
    title.remove();
    const d = Object.fromEntries(['left', 'right', 'top', 'bottom'].map((k) => [k, Number(svg.dataset[k])]));
    const cursor = document.createElementNS('http://www.w3.org/2000/svg', 'line');
    cursor.setAttribute('class', 'cursor');
    cursor.setAttribute('y1', d.top);
    cursor.setAttribute('y2', d.bottom);
    svg.append(cursor);
    charts.push({ cursor, d, data });
    const tip = document.createElement('div');
    tip.className = 'tip';
    tip.hidden = true;
    svg.parentElement.append(tip);
    const hide = () => { tip.hidden = true; hideAll(); };
    svg.addEventListener('pointerleave', hide);
    svg.addEventListener('pointermove', (event) => {
      const box = svg.getBoundingClientRect(), width = svg.viewBox.baseVal.width;
      const x = (event.clientX - box.left) / box.width * width;
      if (x < d.left || x > d.right) return hide();
      const at = Math.round((x - d.left) / (d.right - d.left) * data.seconds);
      const rows = data.lines.filter((l) => l.points.length).map((l) => l.name + '  ' + (l.stairs ? held : nearest)(l.points, at)[1]);
      tip.textContent = [clock(at), ...rows].join('\\n');
      tip.hidden = false;
      point(at);
      const frame = svg.parentElement.getBoundingClientRect(), left = event.clientX - frame.left;
      tip.style.left = Math.min(left + 14, frame.width - tip.offsetWidth - 8) + 'px';
      tip.style.top = event.clientY - frame.top + 14 + 'px';
    });
  }
})();
`;
