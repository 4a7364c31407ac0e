import { badRequest } from '../errors.ts'

const NAMED: Readonly<Record<string, string>> = {
  '@annually': '0 0 1 1 *',
  '@yearly': '0 0 1 1 *',
  '@monthly': '0 0 1 * *',
  '@weekly': '0 0 * * 0',
  '@daily': '0 0 * * *',
  '@hourly': '0 * * * *',
}

/** `*`, `n`, `n,m`, `n-m`, `n/m`, with `*` for the first number too in the last: no names and no mixtures. */
const FIELD = /^(\*|\d+(,\d+)*|(\*|\d+)\/\d+|\d+-\d+)$/

type Fits = (value: number) => boolean

const DAYS_TO_SEARCH = 4 * 366

function reader(field: string): Fits {
  if (field === '*') return () => true
  const [from = '', step] = field.split('/')
  if (step !== undefined) {
    const start = from === '*' ? 0 : Number(from)
    return (value) => value >= start && (value - start) % Number(step) === 0
  }
  const [low, high] = field.split('-').map(Number)
  if (high !== undefined) return (value) => value >= (low ?? 0) && value <= high
  const values = new Set(field.split(',').map(Number))
  return (value) => values.has(value)
}

/** The values of a clock's hand that fit, in order. */
const fitting = (fits: Fits, count: number) => Array.from({ length: count }, (_, value) => value).filter(fits)

/** When a schedule is due. */
export interface Times {
  /** The first time after another, in UTC; undefined where there is none within four years. */
  after(date: Date): Date | undefined
}

/**
 * @param schedule one of the names with `@`, or five fields, with seconds before them and a year behind them where
 * there are six or seven
 * @returns its times; throws the 400 of anything else
 */
export function readSchedule(schedule: string): Times {
  const fields = (NAMED[schedule] ?? schedule).split(' ')
  if (fields.length < 5 || fields.length > 7 || !fields.every((field) => FIELD.test(field))) {
    throw badRequest(`Invalid schedule: ${schedule}`)
  }
  const all = fields.length === 5 ? ['0', ...fields] : fields
  const [seconds, minutes, hours, days, months, weekdays, years] = ['*', '*', '*', '*', '*', '*', '*'].map(
    (any, index) => reader(all[index] ?? any),
  ) as [Fits, Fits, Fits, Fits, Fits, Fits, Fits]
  const [daysField = '', weekdaysField = ''] = [all[3], all[5]]
  // As in cron: where both name a day, either is enough.
  const isDay = (date: Date) => {
    const byDate = days(date.getUTCDate())
    const byWeekday = weekdays(date.getUTCDay()) || (date.getUTCDay() === 0 && weekdays(7))
    if (daysField === '*') return byWeekday
    return weekdaysField === '*' ? byDate : byDate || byWeekday
  }
  const times = fitting(hours, 24).flatMap((hour) =>
    fitting(minutes, 60).flatMap((minute) =>
      fitting(seconds, 60).map((second) => ((hour * 60 + minute) * 60 + second) * 1000),
    ),
  )
  return {
    after(date) {
      const midnight = Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate())
      for (let index = 0; index < DAYS_TO_SEARCH; index += 1) {
        const day = new Date(midnight + index * 86_400_000)
        if (!years(day.getUTCFullYear()) || !months(day.getUTCMonth() + 1) || !isDay(day)) continue
        const time = times.find((each) => day.getTime() + each > date.getTime())
        if (time !== undefined) return new Date(day.getTime() + time)
      }
      return undefined
    },
  }
}
