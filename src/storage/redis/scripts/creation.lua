-- Jobs that units create, and what becomes of those that have a unique key already.

local APPLIED, ALREADY, CONFLICT, REJECTED = 0, 1, 3, 4
local rejections = {unique_key = 1, parent_missing = 2, batch_closed = 3}

-- Lua has room for two hundred names, and the whole script is one function.
local creation = {}

function creation.present_holder(name)
  local holder = holder_of(name)
  if not holder then return nil end
  if holder[3] > 0 then return now < holder[3] and holder[1] or nil end
  local job = get(holder[1])
  return job and floor(holder[2] / 2 ^ job.kind) % 2 == 1 and holder[1] or nil
end

function creation.wait_for_parents(job, new)
  local unmet, waits = false, false
  job.parents, job.parents0 = {}, {}
  local index = 0
  for from = 1, #new.parents, 17 do
    local parent, condition = get(sub(new.parents, from, from + 15)), byte(new.parents, from + 16)
    local met = verdict(condition, ending_of(parent))
    if met == false then unmet = true end
    if met == nil then
      waits = true
      job.parents[index] = {parent.id, condition}
      add_edge(parent, job, index)
    end
    index = index + 1
  end
  local x = extra(job)
  x.m, x.u = new.when_met, new.when_unmet
  if unmet or not waits then
    local state = read_state(unmet and new.when_unmet or new.when_met)
    leave(job)
    arrive(job, state)
  end
end

function creation.record(new)
  numbers = numbers + 1
  return {
    id = new.id, kind = new.state.kind, ending = 0, marks = new.marks, epoch = 0, since = now, due = 0,
    step = 0, server = NO_ID, claimed = 0, delay = 0, duration = 0, state = '', result = '',
    created = now, number = numbers, place = 0, ready = now, priority = new.priority, attempt = 0,
    queue = new.queue, name = new.name, parameters = new.parameters, arguments = new.arguments,
    apart = new.apart ~= '' and new.apart or nil,
  }
end

function creation.is_replaceable(job, new)
  return job and job.name == new.name and not has(job, BATCH) and
         (job.kind == READY or job.kind == TIMED or job.kind == WAITING)
end

function creation.replace(job, new)
  leave(job)
  job.arguments, job.parameters, job.queue, job.priority, job.attempt =
    new.arguments, new.parameters, new.queue, new.priority, 0
  if has(new, APART) or has(job, APART) then job.apart = new.apart end
  clear(job, APART)
  if has(new, APART) then set(job, APART) end
  if new.state.reason == '' then new.state.reason = 'A later call took its place' end
  arrive(job, new.state, new.away)
  settle(job, new.state.ending, 0)
end

-- Where another job has the key.
function creation.defer_to(holder, new, existing)
  if new.on_duplicate ~= 1 then
    local job = new.on_duplicate == 2 and get(holder)
    if not creation.is_replaceable(job, new) then
      return {REJECTED, rejections.unique_key, new.id, holder, ''}
    end
    creation.replace(job, new)
  end
  existing[#existing + 1] = new.id .. holder
  return nil
end

function creation.begin(new)
  local job = creation.record(new)
  jobs[new.id] = job
  if unit then unit.created[#unit.created + 1] = job end
  touch(job)
  if new.unique ~= '' then
    local ends = new.window > 0 and later(new.window) or 0
    set_holder(new.unique, {new.id, new.held_while, ends})
    extra(job).k = new.unique
  end
  if new.limit ~= '' then extra(job).l = new.limit end
  count('Created')
  if has(job, BATCH) then batches.begin(job, new) end
  if new.batch then batches.join(job, new.batch) end
  arrive(job, new.state, new.away)
  if new.waits == 1 then creation.wait_for_parents(job, new) end
end

-- Returns why not, or nil.
function creation.create(new, existing)
  local holder = new.unique ~= '' and creation.present_holder(new.unique)
  if holder then return creation.defer_to(holder, new, existing) end
  if new.waits == 1 then
    for from = 1, #new.parents, 17 do
      local parent = sub(new.parents, from, from + 15)
      if not get(parent) then return {REJECTED, rejections.parent_missing, new.id, parent, ''} end
    end
  end
  if new.batch and not batches.takes_members(get(new.batch)) then
    return {REJECTED, rejections.batch_closed, new.id, new.batch, ''}
  end
  if get(new.id) then return {ALREADY, 0, '', '', ''} end
  creation.begin(new)
  return nil
end
