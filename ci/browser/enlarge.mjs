// Makes of a saved run one of many nodes: each case of a node again for as many, under other names.
//
// Usage: enlarge.mjs RUN.json LARGE.json NODES
import { readFileSync, writeFileSync } from "node:fs";

const [from, to, count] = process.argv.slice(2);
const run = JSON.parse(readFileSync(from, "utf8"));
const ofNodes = new Map();
for (const one of run.cases.filter((one) => one.subject?.kind === "node")) {
  ofNodes.set(one.check, [...(ofNodes.get(one.check) ?? []), one]);
}
const renamed = (one, at) => {
  const name = `cn-hangzhou.10.${8 + (at >> 16)}.${(at >> 8) & 255}.${at & 255}`;
  // Of most nodes the evidence is left out: what a page shows of it is that of one node a line.
  const short = at < 10 ? one : { ...one, evidence: [] };
  return JSON.parse(JSON.stringify(short).replaceAll(one.subject.name, name));
};
const cases = run.cases.flatMap((one) => {
  const alike = ofNodes.get(one.check);
  if (one.subject?.kind !== "node") return [one];
  if (alike[0] !== one) return [];
  return Array.from({ length: Number(count) }, (_, at) => renamed(alike[at % alike.length], at));
});
writeFileSync(to, JSON.stringify({ ...run, cases }));
