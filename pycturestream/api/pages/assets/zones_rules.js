// A form for each rule. What it does not know of a rule stays as it is.

import { element } from "./base.js";
import { ofKind } from "./zones_document.js";

const ABOUT = {
  things: "Objects in the picture",
  offline: "Camera offline",
  "clock-wrong": "Clock of the camera wrong",
  covered: "Camera covered",
  blurred: "Camera blurred",
  moved: "Camera moved",
  "unusually-quiet": "Unusually quiet hour",
  "unusually-busy": "Unusually busy hour",
};
const LEVELS = { 1: "1 notice", 2: "2 warning", 3: "3 danger" };
const WAYS = { "": "does not matter", in: "crossed in", out: "crossed out", any: "crossed either way" };
const DAYS = { mon: "Mon", tue: "Tue", wed: "Wed", thu: "Thu", fri: "Fri", sat: "Sat", sun: "Sun" };
const NUMBERS = {
  min_score: { label: "Lowest score", step: 0.05, min: 0, max: 1 },
  frames: { label: "In how many pictures", step: 1, min: 1 },
  count: { label: "How many objects at once", step: 1, min: 1 },
  dwell_s: { label: "Stays at least (seconds)", step: 1, min: 0 },
  loitering_s: { label: "Loiters at least (seconds)", step: 1, min: 0 },
  for_s: { label: "Lasts at least (seconds)", step: 1, min: 0 },
  clear_after_s: { label: "Ends when gone for (seconds)", step: 1, min: 0 },
};
const ONE_PERIOD = new Set(["days", "from", "to"]);

/** Return the form of a rule.
 *
 * `settings` is what the server says of the camera. `now()` returns the rule's keys as they are when
 * something is chosen: the form may be older. `change(keys, series)` takes what changes; undefined
 * takes a key away.
 */
export function ruleForm(rule, shapes, settings, now, change) {
  const { id, keys } = rule;
  const about = keys.about ?? "things";
  const allowed = new Set(settings.rule_keys[about] ?? Object.keys(keys));
  const known = new Set();
  const make = (key, build) => {
    if (!allowed.has(key)) return null;
    known.add(key);
    return build();
  };
  const field = (key, label, control) => {
    control.id = control.dataset.key = `${id}-${key}`;
    control.dataset.checked = `${id}/${key}`;
    return element("div", { class: "field" }, element("label", { for: control.id }, label), control,
      faultSlot(id, key));
  };
  const parts = [
    make("name", () => field("name", "Name", element("input", { value: keys.name ?? "", maxlength: 64,
      oninput: (event) => change({ name: event.target.value }, `name ${id}`) }))),
    make("about", () => field("about", "What it is about", select(ABOUT, about, (value) =>
      change(forAbout(now(), value, settings.rule_keys[value]))))),
    make("level", () => field("level", "Level", select(LEVELS, keys.level ?? settings.rule_defaults.level,
      (value) => change({ level: Number(value) })))),
    make("labels", () => labelsField(id, keys, settings.labels, now, change)),
    make("zones", () => zonesField(id, keys, ofKind(shapes, "zone"), now, change)),
    make("crosses", () => linesField(id, keys, ofKind(shapes, "line"), now, change)),
    isSimple(keys.schedule) ? make("schedule", () => scheduleField(id, keys, settings, now, change)) : null,
  ];
  const numbers = Object.entries(NUMBERS).map(([key, { label, ...bounds }]) =>
    make(key, () => field(key, label, element("input", { type: "number", ...bounds, inputmode: "decimal",
      value: keys[key] ?? "", placeholder: settings.rule_defaults[key] ?? "",
      oninput: ({ target }) => change({ [key]: target.value === "" ? undefined : Number(target.value) },
        `${key} ${id}`) }))));
  const others = Object.entries(keys).filter(([key]) => !known.has(key));
  return element("div", { class: "rule-form" },
    element("div", { class: "fields" }, ...parts.slice(0, 3)),
    ...parts.slice(3),
    element("div", { class: "fields" }, ...numbers),
    others.length ? element("div", {}, element("p", { class: "hint" }, "Kept as it is; change it in cameras.yaml:"),
      ...others.map(([key, value]) => element("div", {},
        element("code", {}, `${key}: ${JSON.stringify(value)}`), faultSlot(id, key)))) : null,
    faultSlot(id, ""));
}

/** Return where mistakes of a part of a shape or a rule are shown. */
export function faultSlot(id, part) {
  return element("p", { class: "problem", id: `${id}-${part}-fault`, "data-slot": `${id}/${part}`, hidden: true });
}

function select(options, value, choose) {
  return element("select", { onchange: (event) => choose(event.target.value) },
    ...Object.entries(options).map(([key, name]) =>
      element("option", { value: key, selected: key === String(value) }, name)));
}

/** Return the changes that make a rule be about something else: keys without effect go. */
function forAbout(keys, about, allowed) {
  const gone = Object.keys(keys).filter((key) => !allowed.includes(key));
  return { ...Object.fromEntries(gone.map((key) => [key, undefined])),
    about: about === "things" ? undefined : about };
}

function group(id, key, legend, ...children) {
  return element("fieldset", { class: "choices" }, element("legend", {}, legend), ...children,
    faultSlot(id, key));
}

function labelsField(id, keys, known, now, change) {
  const chosen = keys.labels ?? [];
  const set = (labels) => change({ labels: labels.length ? labels : undefined });
  const others = known.filter((label) => !chosen.includes(label));
  const adding = element("select", { "aria-label": "Add a label", "data-key": `${id}-labels`,
    onchange: (event) => event.target.value && set([...(now().labels ?? []), event.target.value]) },
    element("option", { value: "" }, "Add a label…"),
    ...others.map((label) => element("option", { value: label }, label)));
  return group(id, "labels", "Labels",
    chosen.length ? null : element("p", { class: "hint" }, "Any, except those that are ignored in such a place."),
    element("div", { class: "chips" }, ...chosen.map((label) =>
      element("button", { type: "button", class: "chip", "aria-label": `Remove the label ${label}`,
        "data-key": `${id}-label-${label}`,
        onclick: () => set((now().labels ?? []).filter((each) => each !== label)) }, label, " ✕")), adding));
}

function zonesField(id, keys, zones, now, change) {
  const chosen = keys.zones ?? [];
  const set = (names) => change({ zones: names.length ? names : undefined });
  const names = new Set([...zones.map((zone) => zone.name), ...chosen]);
  const hint = names.size ? "Anywhere, as none is chosen." : "Anywhere: no zone is drawn yet.";
  return group(id, "zones", "Zones", chosen.length ? null : element("p", { class: "hint" }, hint),
    ...[...names].map((name) => checkbox(name, `${id}-zone-${name}`, chosen.includes(name), (isOn) => {
      const others = (now().zones ?? []).filter((each) => each !== name);
      set(isOn ? [...others, name] : others);
    })));
}

function linesField(id, keys, lines, now, change) {
  const chosen = keys.crosses ?? {};
  const names = new Set([...lines.map((line) => line.name), ...Object.keys(chosen)]);
  if (!names.size) return null;
  const set = (name, way) => {
    const { [name]: _, ...others } = now().crosses ?? {};
    const crosses = way ? { ...others, [name]: way } : others;
    change({ crosses: Object.keys(crosses).length ? crosses : undefined });
  };
  return group(id, "crosses", "Lines", element("div", { class: "fields" }, ...[...names].map((name) => {
    const control = select(WAYS, chosen[name] ?? "", (way) => set(name, way));
    control.id = control.dataset.key = `${id}-line-${name}`;
    return element("div", { class: "field" }, element("label", { for: control.id }, name), control);
  })));
}

/** Whether a schedule is at most one period without a time zone of its own. */
function isSimple(schedule) {
  return !schedule || (schedule.length <= 1
    && schedule.every((period) => Object.keys(period).every((key) => ONE_PERIOD.has(key))));
}

function scheduleField(id, keys, settings, now, change) {
  const period = keys.schedule?.[0] ?? {};
  const set = (changes, series = null) => {
    const all = Object.entries({ ...now().schedule?.[0], ...changes });
    const next = Object.fromEntries(all.filter(([, value]) => value !== undefined));
    change({ schedule: Object.keys(next).length ? [next] : undefined }, series);
  };
  const time = (key, label) => {
    const control = element("input", { type: "time", value: period[key] ?? "", id: `${id}-${key}`,
      "data-key": `${id}-${key}`, oninput: ({ target }) => set({ [key]: target.value || undefined }, `${key} ${id}`) });
    return element("div", { class: "field" }, element("label", { for: control.id }, label), control);
  };
  const allDays = Object.keys(DAYS);
  const setDay = (day, isOn) => {
    const before = now().schedule?.[0]?.days ?? allDays;
    const days = allDays.filter((each) => (each === day ? isOn : before.includes(each)));
    set({ days: days.length === allDays.length ? undefined : days });
  };
  const days = period.days ?? allDays;
  return group(id, "schedule", "When it holds",
    element("p", { class: "hint" }, keys.schedule ? `By the clock of the camera (${settings.timezone}); without an end, until midnight.` : "Always."),
    element("div", { class: "fields" }, time("from", "From"), time("to", "To")),
    element("div", { class: "days" }, ...Object.entries(DAYS).map(([day, name]) =>
      checkbox(name, `${id}-day-${day}`, days.includes(day), (isOn) => setDay(day, isOn)))));
}

function checkbox(name, key, isOn, set) {
  return element("label", { class: "check" },
    element("input", { type: "checkbox", checked: isOn, "data-key": key, onchange: (event) => set(event.target.checked) }),
    name);
}
