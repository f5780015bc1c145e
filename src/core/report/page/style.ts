/** The page's look. Colours come in pairs, light and dark; print is always light. */
const LIGHT = `
  --page:#f7f7f5; --card:#ffffff; --ink:#1b1f24; --muted:#59636e; --edge:#e2e5e9; --grid:#edeff2; --band:#f4f6f8;
  --canary:#0a5dc2; --wash:#0a5dc21a; --stable:#66707b; --good:#17784a; --bad:#b3261e; --warn:#875800;
  --good-wash:#e9f5ee; --bad-wash:#fcedec; --warn-wash:#fdf4e0; --neutral-wash:#f0f2f4; --forbidden:#b3261e0f; --hatch:#c9cfd6;`;
const DARK = `
  --page:#0e1115; --card:#161a20; --ink:#e8eaee; --muted:#9ca6b2; --edge:#2a313a; --grid:#232a32; --band:#1c2229;
  --canary:#6db3ff; --wash:#6db3ff24; --stable:#a0aab5; --good:#5cd198; --bad:#ff8f85; --warn:#f0c061;
  --good-wash:#12291f; --bad-wash:#331a1a; --warn-wash:#2e2512; --neutral-wash:#1e242b; --forbidden:#ff8f8512; --hatch:#39424d;`;

const PAGE = `
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",sans-serif;font-variant-numeric:tabular-nums;-webkit-text-size-adjust:100%}
main{max-width:1120px;margin:0 auto;padding:40px 24px 72px}
h1,h2,h3,p,dl,dd,ol,figure{margin:0}
h2{font-size:20px;line-height:1.3;font-weight:650;margin:56px 0 6px;letter-spacing:-.005em}
h3{font-size:16px;line-height:1.35;font-weight:650;overflow-wrap:anywhere}
code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;font-size:.92em}
a{color:var(--canary)}
.muted,.note{color:var(--muted)}
.note{font-size:14px;margin-bottom:16px}
.where{display:flex;flex-wrap:wrap;gap:4px 20px;justify-content:space-between;font-size:14px;color:var(--muted);margin-bottom:14px;overflow-wrap:anywhere}
.where b{color:var(--ink);font-weight:600}
.card,.banner{background:var(--card);border:1px solid var(--edge);border-radius:12px}
.banner{display:grid;grid-template-columns:auto 1fr;gap:4px 20px;padding:28px 32px;border-left:6px solid var(--tone);background:linear-gradient(90deg,var(--tone-wash),var(--card) 70%)}
.banner .mark{grid-row:span 3;width:44px;height:44px;border-radius:50%;background:var(--tone);color:var(--card);display:grid;place-items:center;font-size:24px;font-weight:700;line-height:1}
.banner h1{font-size:30px;line-height:1.25;font-weight:700;letter-spacing:-.015em;overflow-wrap:anywhere}
.banner p{font-size:18px;max-width:62em;overflow-wrap:anywhere}
.banner p+p{color:var(--muted)}
.good{--tone:var(--good);--tone-wash:var(--good-wash)}
.bad{--tone:var(--bad);--tone-wash:var(--bad-wash)}
.warn{--tone:var(--warn);--tone-wash:var(--warn-wash)}
.neutral{--tone:var(--muted);--tone-wash:var(--neutral-wash)}
.alerts{margin:16px 0 0;padding:16px 24px;border:2px solid var(--warn);border-radius:12px;background:var(--warn-wash)}
.alerts h2{margin:0 0 4px;font-size:16px;color:var(--warn)}
.alerts ul,.next ul{margin:0;padding-left:20px;overflow-wrap:anywhere}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(128px,1fr));gap:20px 24px;padding:24px 32px;margin-top:16px}
.facts dt{font-size:13px;color:var(--muted)}
.facts dd{font-weight:600;overflow-wrap:anywhere}
.facts dd span{display:block;font-size:14px;font-weight:400;color:var(--muted)}
.next{margin-top:16px;padding:16px 32px 18px}
.next h2{margin:0 0 2px;font-size:13px;font-weight:400;color:var(--muted)}
`;

const CHARTS = `
figure{padding:22px 24px 16px;position:relative;break-inside:avoid}
.rows figure+figure{border-top:1px solid var(--edge)}
.why{font-size:18px;max-width:62em;margin-bottom:14px;overflow-wrap:anywhere}
.reasons{display:flex;flex-wrap:wrap;gap:20px 36px;padding:22px 32px}
.reasons>div{flex:1 1 200px;min-width:0} .reasons .shares{flex:1.7 1 300px}
.reasons h3{font-size:13px;font-weight:400;color:var(--muted);margin-bottom:2px}
.reasons .told{font-weight:650;overflow-wrap:anywhere} .reasons .muted{font-size:14px}
.arm{display:grid;grid-template-columns:4.2em minmax(40px,1fr) auto;gap:0 12px;align-items:center;font-size:15px}
.arm .muted{grid-column:2/-1;margin-top:-2px}
.arm-bar{height:12px;border-radius:2px;background:var(--grid);position:relative}
.arm-bar u{position:absolute;top:-4px;bottom:-4px;border-left:2px dashed var(--bad)} .limit-note::before{content:'';display:inline-block;height:13px;margin-right:7px;border-left:2px dashed var(--bad);vertical-align:-2px}
.arm-bar i{display:block;height:100%;min-width:2px}
.canary-bar{background:var(--canary)} .stable-bar{background:var(--stable)}
.figure-head{display:flex;gap:4px 12px;justify-content:space-between;align-items:baseline}
.values{display:flex;flex-wrap:wrap;gap:2px 18px;font-size:14px;color:var(--muted);margin:4px 0 10px}
.values b{color:var(--ink);font-weight:600}
.detail{font-size:14px;color:var(--muted);overflow-wrap:anywhere;margin-bottom:8px}
.chip{display:inline-block;white-space:nowrap;font-size:13px;font-weight:600;line-height:1;padding:5px 9px;border-radius:99px;color:var(--tone);background:var(--tone-wash)}
svg.chart{display:block;width:100%;height:auto;overflow:visible;font-size:12px}
svg.narrow{display:none}
.chart text{fill:var(--muted)}
.band{fill:var(--band)} .band-label{font-size:11.5px}
.grid{stroke:var(--grid)} .tick{stroke:var(--edge)}
.line{fill:none;stroke-width:1.5;stroke-linejoin:round}
.canary{stroke:var(--canary);stroke-width:2} .stable{stroke:var(--stable);stroke-dasharray:6 3}
.target{stroke:var(--good);stroke-dasharray:1.5 3.5} .alert{stroke:var(--bad);stroke-dasharray:8 3 2 3}
.read{stroke:var(--canary);stroke-width:2} .asked{stroke:var(--ink);stroke-dasharray:3 4;stroke-width:1.5}
.evidence{stroke:var(--ink);stroke-width:2} .evidence-dot{fill:var(--ink)} .chart .evidence-label{fill:var(--ink);font-weight:600}
.area{fill:var(--wash)} .forbidden{fill:var(--forbidden)} .hatch{stroke:var(--hatch);stroke-width:2}
.limit-dot{fill:var(--bad)} .canary-dot{fill:var(--canary)} .stable-dot{fill:var(--stable)}
.chart .canary-label,.chart .read-label{fill:var(--canary);font-weight:600} .chart .stable-label{fill:var(--stable)}
.chart .alert-label{fill:var(--bad)} .chart .target-label{fill:var(--good)} .chart .asked-label{fill:var(--ink)}
.halo{paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
.stem{stroke:var(--muted);stroke-opacity:.35;stroke-dasharray:1 3} .badge{fill:var(--ink)} .chart .badge-text{fill:var(--card);font-size:11px;font-weight:600}
.decision{stroke:var(--ink)} .ring{fill:var(--card);stroke:var(--ink);stroke-width:2} .chart .decision-label{fill:var(--ink);font-weight:600}
.cursor{stroke:var(--muted);visibility:hidden}
.tip{position:absolute;pointer-events:none;background:var(--ink);color:var(--card);font-size:13px;line-height:1.45;padding:6px 10px;border-radius:6px;white-space:pre;z-index:1}
`;

const TABLES = `
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:15px}
th,td{text-align:left;padding:11px 20px 11px 0;border-top:1px solid var(--edge);vertical-align:top;overflow-wrap:anywhere}
th{font-size:13px;font-weight:400;color:var(--muted);border-top:0;padding-top:0;white-space:nowrap}
tr.deciding td{background:linear-gradient(var(--bad-wash),var(--bad-wash))}
tr.deciding td:first-child{box-shadow:-12px 0 var(--bad-wash)}
tr.deciding td:last-child{box-shadow:12px 0 var(--bad-wash)}
td .muted{display:block;font-size:14px}
.number{text-align:right;white-space:nowrap}
.panel{padding:22px 32px;margin-top:12px}
.bar{display:block;width:100%;min-width:90px;height:6px;border-radius:3px;background:var(--edge);overflow:hidden;margin-top:9px}
.bar i{display:block;height:100%;background:var(--canary)}
.timeline{list-style:none;padding:0}
.timeline li{display:grid;grid-template-columns:34px 84px 1fr;padding:7px 0;border-top:1px solid var(--edge)}
.timeline li:first-child{border-top:0}
.timeline .badge-number{justify-self:start;min-width:20px;height:20px;padding:0 5px;border-radius:10px;background:var(--ink);color:var(--card);font-size:11px;font-weight:600;display:grid;place-items:center;margin-top:2px}
.timeline .decision-entry span:last-child{font-weight:650} .timeline .warning-entry{color:var(--warn)}
.timeline span{overflow-wrap:anywhere}
details{margin-top:16px;padding:16px 32px} details.card>table{margin-top:12px}
figure details{margin:8px 0 0;padding:0} figure summary{font-size:14px;color:var(--muted)} figure table{margin-top:12px;font-size:14px}
summary{cursor:pointer;font-weight:600}
pre{overflow-x:auto;margin:12px 0 0;font-size:13px;line-height:1.5}
footer{margin-top:40px;font-size:13px;color:var(--muted)}
`;

const REPLAY = `
.decisions{font-size:14px} .decisions td,.decisions th{padding:6px 16px 6px 0} .decisions td{vertical-align:middle} .decisions .number{padding-right:24px}
.scenario th{font-size:14px;color:var(--ink);font-weight:400;padding-top:20px;white-space:normal} .total td{font-weight:650}
svg.spark{display:block;width:132px;height:30px} .spark-dot{fill:var(--bad)} .spark .line{stroke-width:1.25}
.rollout summary .muted{display:block;font-weight:400;font-size:14px} .rollout .rows,.rollout .reasons{margin-top:14px} .rollout .why{margin-top:14px}
`;

const NARROW = `
main{padding:20px 14px 48px}
.banner{padding:20px 18px;gap:4px 14px} .banner .mark{width:34px;height:34px;font-size:18px} .banner h1{font-size:23px} .banner p{font-size:16px}
.facts{padding:18px;grid-template-columns:repeat(2,minmax(0,1fr));gap:16px 18px} .next{padding:14px 18px}
.alerts{padding:14px 18px} .panel,details{padding:16px 18px} figure{padding:16px 12px 10px}
.reasons{flex-direction:column;padding:18px} .reasons>div,.reasons .shares{flex:none}
svg.wide{display:none} svg.narrow{display:block}
.panel .decisions{display:block;overflow-x:auto} .panel .decisions td{white-space:nowrap} .panel .decisions td:first-child{white-space:normal;min-width:6.5em} .decisions th{white-space:normal;overflow-wrap:normal} .decisions .kpi{display:none} svg.spark{width:88px;height:20px}
.decisions td,.decisions th{padding-right:10px} .decisions .number{padding-right:10px}
.timeline li{grid-template-columns:30px 64px 1fr}
.stack thead{display:none}
.stack tr{display:grid;grid-template-columns:1fr 1fr;gap:2px 12px;padding:12px 0;border-top:1px solid var(--edge)}
.stack tr:first-child{border-top:0}
.stack td{border:0;padding:0;text-align:left;white-space:normal}
.stack td:first-child{font-weight:600} .stack .status{grid-row:1;grid-column:2;justify-self:end}
.stack td::before{content:attr(data-name);display:block;font-size:12px;color:var(--muted);font-weight:400}
.stack td:first-child::before,.stack .status::before,.stack td:empty{display:none}
tr.deciding td:first-child,tr.deciding td:last-child{box-shadow:none} tr.deciding td{background:none}
`;

const PRINT = `
main{max-width:none;padding:0} body{font-size:12px;background:#fff} h2{margin-top:28px}
.raw,.tip{display:none} .banner{background:none} .panel,.facts,.next,figure{break-inside:avoid}
`;

export const STYLE = `
:root{color-scheme:light dark;${LIGHT}}
@media screen and (prefers-color-scheme:dark){:root{${DARK}}}
${PAGE}${CHARTS}${TABLES}${REPLAY}
@media print,(max-width:980px){svg.wide{font-size:14px}}
@media screen and (max-width:680px){${NARROW}}
@media print{${PRINT}}
`;
