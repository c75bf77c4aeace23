-- Applies units: `JobStore::commit`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2…]          'M' and the mark of the storage that calls, where it tells those around it of
--                   plain creations by itself; then sections, in the order of the units:
--   'C' jobs, queue, priority, marks, state, batch or '', then per job: id, rest of the record from
--       its priority on, arguments (of jobs whose mark says that they stand apart)
--         plain creations: ready, nothing special, all alike. All or, where one exists, none
--   'B' a job, see `next_job`, then as C
--         a batch and its members, which are plain creations
--   'F' ends, state (packed), then per end: id, epoch, delay and duration as in a record, result
--         plain ends of executions, one to a unit, all into the same state
--   'U' unit, looks back (1), jobs, changes, templates, then all of these, see `next_job`,
--       `next_change` and `next_template`
-- Returns           per section:
--   C, B  1, or 0: nothing was done of it or of what follows it, which then has no answer
--   F  pairs: which end (from 1), answer as for U; those that were applied are left out
--   U  0 for applied, or {status, why, job, holder, creations left out and who held their keys, or
--      the template whose version is another}

local conflicts = {not_found = 1, state = 2, epoch = 3, version = 4, batch = 5}

local function next_states(number)
  if number == 0 then return nil end
  local all = {}
  for i = 1, number do all[i] = read_state(next_word()) end
  return all
end

local function next_job()
  local job = {}
  local away
  job.id, job.priority, job.on_duplicate, job.held_while, job.window, job.marks, away, job.waits =
    read('>c16bBBi8HHB', next_word())
  job.name, job.queue, job.parameters, job.arguments, job.apart, job.unique, job.limit =
    next_word(), next_word(), next_word(), next_word(), next_word(), next_word(), next_word()
  job.state = read_state(next_word())
  if job.waits == 1 then
    job.parents, job.when_met, job.when_unmet = next_word(), next_word(), next_word()
  end
  if has(job, BATCH) then job.when_met, job.when_unmet = next_word(), next_word() end
  if has(job, MEMBER) then job.batch = next_word() end
  job.away = next_states(away)
  return job
end

local function next_change()
  local change = {}
  local flags, away
  change.id, flags, change.epoch, change.attempt, change.priority, change.release, change.delay,
  change.duration, away, change.crashes = read('>c16BI6I3bBI7I7HI4', next_word())
  if flags % 2 == 0 then change.epoch = nil end
  if floor(flags / 2) % 2 == 0 then change.attempt = nil end
  if floor(flags / 8) % 2 == 0 then change.priority = nil end
  if floor(flags / 16) % 2 == 0 then change.crashes = nil end
  change.expected, change.queue, change.result, change.parameters =
    next_word(), next_word(), next_word(), next_word()
  if floor(flags / 4) % 2 == 0 then change.queue = nil end
  change.state = read_state(next_word())
  change.away = next_states(away)
  return change
end

local function next_template()
  local change = {}
  change.id, change.version, change.due, change.rest = next_word(), tonumber(next_word()),
                                                       tonumber(next_word()), next_word()
  return change
end

-- General units.

local function check(change, job)
  if not job then return {CONFLICT, conflicts.not_found, change.id, '', ''} end
  if change.epoch and not (job.kind == RUNNING and job.epoch == change.epoch) then
    -- Only the holder can have ended it under this epoch: every other way out raises the epoch.
    if job.epoch == change.epoch then return {ALREADY, 0, '', '', ''} end
    return {CONFLICT, conflicts.epoch, change.id, '', ''}
  end
  if change.expected ~= '' and change.expected ~= state_of(job) then
    return {CONFLICT, conflicts.state, change.id, '', ''}
  end
  if has(job, BATCH) and (change.state.kind == READY or change.state.kind == TIMED) then
    return {CONFLICT, conflicts.batch, change.id, '', ''}
  end
  return nil
end

local function end_run(job, change)
  job.result, job.delay, job.duration = change.result, change.delay + 1, change.duration + 1
  if change.crashes then
    set(job, SUSPECT)
    extra(job).c = change.crashes > 0 and tostring(change.crashes) or nil
  else
    clear(job, SUSPECT)
    if may_have_extra(job) then extra(job).c = nil end
  end
end

local function apply(change)
  local job = get(change.id)
  local refusal = check(change, job)
  if refusal then return refusal end
  touch(job)
  batches.release = change.release
  if not change.epoch and job.kind == RUNNING then take_from_holder(job) end
  leave(job)
  if change.epoch then end_run(job, change) end
  change_parameters(job, change.parameters)
  job.attempt = change.attempt or job.attempt
  job.queue = change.queue or job.queue
  job.priority = change.priority or job.priority
  arrive(job, change.state, change.away)
  settle(job, change.state.ending, change.release)
  return nil
end

local function template_of(id)
  local text = templates[id]
  if text == nil then
    text = call('HGET', key.recurring, id)
    templates[id] = text
  end
  return text
end

local function change_template(change)
  local old = template_of(change.id)
  local version = old and read('>I7', old) or 0
  if version ~= change.version then return {CONFLICT, conflicts.version, '', '', change.id} end
  news.recurring = true
  on_undo(function() templates[change.id] = old end)
  if old and template_due(old) > 0 then
    later_call('ZREM', key.recurring_due .. template_name(old), change.id)
  end
  if change.rest == '' then
    templates[change.id] = false
    later_call('HDEL', key.recurring, change.id)
    later_call('ZREM', key.recurring_ids, change.id)
    return nil
  end
  local created = old and read('>I7', old, 8) or now
  local text = write('>I7I7I7', version + 1, created, change.due) .. change.rest
  templates[change.id] = text
  later_call('HSET', key.recurring, change.id, text)
  if not old then later_call('ZADD', key.recurring_ids, 0, change.id) end
  if change.due > 0 then
    later_call('ZADD', key.recurring_due .. template_name(text), change.due - 1, change.id)
  end
  return nil
end

local function was_applied(id, new_jobs, looks_back)
  for _, new in ipairs(new_jobs) do
    if get(new.id) then return true end
  end
  if known_units[id] then return true end
  if not looks_back then return false end
  if id ~= NO_ID and call('ZSCORE', key.units, 'u' .. id) then return true end
  for _, new in ipairs(new_jobs) do
    if call('ZSCORE', key.units, 'j' .. new.id) then return true end
  end
  return false
end

local function remember(id, existing)
  if id == NO_ID then return end
  known_units[id] = true
  later_call('ZADD', key.units, now, 'u' .. id)
  if #existing > 0 then later_call('HSET', key.existing, id, concat(existing)) end
end

local function run_steps(new_jobs, changes, template_changes, existing)
  for _, new in ipairs(new_jobs) do
    local refusal = creation.create(new, existing)
    if refusal then return refusal end
  end
  for _, change in ipairs(changes) do
    local refusal = apply(change)
    if refusal then return refusal end
  end
  for _, change in ipairs(template_changes) do
    local refusal = change_template(change)
    if refusal then return refusal end
  end
  return nil
end

local function run_unit(id, new_jobs, changes, template_changes, looks_back)
  -- Whether only its id can tell that it was done.
  local takes = #new_jobs == 0 and #template_changes > 0
  for _, change in ipairs(changes) do takes = takes or not change.epoch end
  if (takes or #new_jobs > 0) and was_applied(id, new_jobs, looks_back) then
    local existing = known_units[id]
    if type(existing) ~= 'string' then existing = call('HGET', key.existing, id) or '' end
    return {ALREADY, 0, '', '', existing}
  end
  local existing = {}
  begin_unit()
  local refusal = run_steps(new_jobs, changes, template_changes, existing)
  if refusal then
    take_back()
    for _, change in ipairs(changes) do
      local job = change.epoch and get(change.id)
      if job then clear_stopping(job, change.epoch) end
    end
    return refusal
  end
  unit = nil
  batches.settle()
  limits.settle()
  if takes or #existing > 0 then
    remember(id, existing)
    known_units[id] = concat(existing)
  end
  if #existing > 0 then return {APPLIED, 0, '', '', concat(existing)} end
  return APPLIED
end

-- What brings nothing but new jobs may be refused when the memory is full.
local has_changes = false

local function begin_session()
  begin_work()
  has_changes, refusable = false, false
end

local function general()
  local id, looks_back, job_count, change_count, template_count =
    next_word(), next_word() == '1', tonumber(next_word()), tonumber(next_word()), tonumber(next_word())
  local new_jobs, changes, template_changes = {}, {}, {}
  has_changes = has_changes or change_count > 0 or job_count == 0
  refusable = not has_changes
  for i = 1, job_count do new_jobs[i] = next_job() end
  for i = 1, change_count do changes[i] = next_change() end
  for i = 1, template_count do template_changes[i] = next_template() end
  return run_unit(id, new_jobs, changes, template_changes, looks_back)
end

local function other_ends(rest)
  has_changes, refusable = true, false
  local refused = {}
  for _, one in ipairs(rest) do
    local i, id, epoch, tail, result = unpack(one)
    local delay, duration = read('>I7I7', tail)
    local change = {id = id, epoch = read('>I6', epoch), expected = '', result = result,
                    parameters = '', state = rest.state, release = 0, delay = delay - 1,
                    duration = duration - 1}
    local answer = run_unit(NO_ID, {}, {change}, {}, false)
    if answer ~= APPLIED then push(refused, i, answer) end
  end
  return refused
end

-- A batch and its members, which are plain creations. Its number is the one before theirs.
local function whole_batch()
  local new, last = next_job(), tonumber(call('HGET', P, 'number')) or 0
  if call('EXISTS', key.job .. new.id) == 1 or plain_creations(true) == 0 then return 0 end
  begin_session()
  local members = numbers - last - 1
  numbers = last
  creation.create(new, {})
  local x = extra(get(new.id))
  x.n, x.w = tostring(members), tostring(members)
  numbers = last + 1 + members
  return 1
end

-- What the plain way has left of ends.
local function follow_ends()
  begin_session()
  has_changes = all_ended ~= nil
  for _, batch in ipairs(all_ended or {}) do batches.touch(get(batch)) end
  batches.settle()
  return others and other_ends(others) or {}
end

if others or all_ended then answers[#answers] = follow_ends() else begin_session() end
while at < #ARGV do
  local section = next_word()
  if section == 'U' then
    answers[#answers + 1] = general()
  else
    -- The plain ways write at once, and begin where the others have left off.
    flush()
    if section == 'C' then
      answers[#answers + 1] = plain_creations()
      if answers[#answers] == 0 then return answers end
      begin_session()
    elseif section == 'B' then
      answers[#answers + 1] = whole_batch()
      if answers[#answers] == 0 then return answers end
    else
      others = plain_ends()
      answers[#answers + 1] = follow_ends()
    end
  end
end
flush()
return answers
