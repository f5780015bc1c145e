/** What is left out when there is too little room, in this order. The verdict never is. */
export const CUTS = [
  'charts',
  'timeline',
  'passing KPIs',
  'verification details',
  'steps',
  'facts',
  'KPIs',
  'what to do next',
  'verification',
  'all warnings but the first',
  'warnings',
] as const;

export type Cut = (typeof CUTS)[number];
