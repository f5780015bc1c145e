import { Ajv, type Options, type ValidateFunction } from 'ajv';
import { description, resolve } from './description.ts';
import { type Fields, fields, isFields, list } from './json.ts';

const OPTIONS = {
  strict: false,
  validateSchema: false,
  validateFormats: true,
  inlineRefs: false,
} as const;
const FORMATS: Readonly<Record<string, RegExp | true>> = {
  'date-time': /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/,
  // The description's own default for a URL nobody gave is the empty string.
  uri: /^([a-z][a-z0-9+.-]*:\S*)?$/i,
  'uri-template': /^([a-z][a-z0-9+.-]*:\S*)?$/i,
  email: /^\S+@\S+$/,
  int64: true,
};

function newAjv(particular: Options): Ajv {
  const ajv = new Ajv({ ...OPTIONS, ...particular });
  for (const [name, format] of Object.entries(FORMATS)) ajv.addFormat(name, format);
  return ajv.addSchema(description, 'github');
}

const answers = newAjv({});
const bodies = newAjv({ allErrors: true, useDefaults: true });
const parameters = newAjv({ allErrors: true, useDefaults: true, coerceTypes: true });

const compiled = new WeakMap<Ajv, WeakMap<Fields, ValidateFunction>>();

function validator(ajv: Ajv, schema: Fields): ValidateFunction {
  const mine = compiled.get(ajv) ?? new WeakMap<Fields, ValidateFunction>();
  compiled.set(ajv, mine);
  const known = mine.get(schema) ?? ajv.compile(schema);
  mine.set(schema, known);
  return known;
}

function problems(ajv: Ajv, schema: Fields, value: unknown): readonly string[] {
  const validate = validator(ajv, schema);
  const wrong = validate(value) ? [] : (validate.errors ?? []);
  const said = wrong.map((error) => {
    const allowed = fields(error.params).allowedValues;
    const options = allowed === undefined ? '' : `: ${JSON.stringify(allowed)}`;
    return `${error.instancePath || '/'} ${error.message ?? error.keyword}${options}`;
  });
  return [...said, ...unknownKeys(schema, value, '')];
}

export const answerProblems = (schema: Fields, value: unknown) => problems(answers, schema, value);
/** Fills in the documented defaults. */
export const bodyProblems = (schema: Fields, value: unknown) => problems(bodies, schema, value);
/** Turns text into the numbers and booleans that the description wants, and fills in the documented defaults. */
export const parameterProblems = (schema: Fields, value: Fields) => problems(parameters, schema, value);

/** What may be inside a value of a schema, all that it is composed of taken together. */
interface Inside {
  /** Whether an object may hold keys that no part of the schema names. */
  readonly isOpen: boolean;
  readonly keys: ReadonlyMap<string, Fields>;
  readonly items: Fields;
}

const insides = new WeakMap<Fields, Inside>();

function insideOf(schema: Fields): Inside {
  const known = insides.get(schema);
  if (known !== undefined) return known;
  const all = parts(schema);
  const names = new Set(all.flatMap((part) => Object.keys(fields(part.properties))));
  const inside = {
    isOpen: isOpen(resolve(schema), all),
    keys: new Map([...names].map((name) => [name, either(all.map((part) => fields(part.properties)[name]))])),
    items: either(all.map((part) => part.items)),
  };
  insides.set(schema, inside);
  return inside;
}

function parts(schema: Fields): readonly Fields[] {
  const own = resolve(schema);
  const nested = [...list(own.allOf), ...list(own.anyOf), ...list(own.oneOf)];
  return [own, ...nested.flatMap((part) => parts(fields(part)))];
}

function isOpen(own: Fields, all: readonly Fields[]): boolean {
  const isFree = (part: Fields) =>
    part.additionalProperties !== undefined && part.additionalProperties !== false;
  if (isFields(own.properties)) return isFree(own);
  const objects = all.filter((part) => part.type === 'object' || isFields(part.properties));
  return objects.length === 0 || objects.some((part) => !isFields(part.properties) || isFree(part));
}

function either(schemas: readonly unknown[]): Fields {
  const described = schemas.filter(isFields);
  return described[0] !== undefined && described.length === 1 ? described[0] : { anyOf: described };
}

/**
 * GitHub ignores keys it does not know, and its schemas do not forbid them; here a key that is in no part of the
 * schema is a mistake, for it is either misspelt or invented.
 */
function unknownKeys(schema: Fields, value: unknown, at: string): readonly string[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = insideOf(schema);
  if (Array.isArray(value)) return value.flatMap((item, n) => unknownKeys(inside.items, item, `${at}/${n}`));
  if (inside.isOpen) return [];
  return Object.entries(value).flatMap(([key, item]) => {
    const property = inside.keys.get(key);
    const path = `${at}/${key}`;
    return property === undefined
      ? [`${path} is not in GitHub's description`]
      : unknownKeys(property, item, path);
  });
}
