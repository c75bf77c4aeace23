-- How jobs move from state to state: the rules of the contract.

local function note(job, entry)
  job.steps = job.steps or {}
  job.steps[#job.steps + 1] = entry
end

-- Writes the implicit part of the history out.
local function write_out(job)
  if has(job, WAITED) then
    note(job, history_entry(READY, 0, job.ready, NO_ID, 'Enqueued', '', ''))
    clear(job, WAITED)
  end
  if has(job, PENDING) then
    note(job, history_entry(RUNNING, 0, job.claimed, job.server, 'Processing', '', ''))
    clear(job, PENDING)
  end
end

local function reason_and_data(job)
  if not may_have_extra(job) then return '', '' end
  local x = extra(job)
  return x.r or '', x.d or ''
end

local function set_words(job, reason, data)
  if reason == '' and data == '' and not may_have_extra(job) then return end
  local x = extra(job)
  x.r = reason ~= '' and reason or nil
  x.d = data ~= '' and data or nil
end

local function forget_parents(job)
  for index, parent in pairs(parents_of(job)) do drop_edge(parent[1], job, index) end
  job.parents = {}
end

local function leave(job)
  touch(job)
  local reason, data = reason_and_data(job)
  if job.kind == RUNNING then
    if may_have_extra(job) then extra(job).b = nil end
    if has(job, WAITED) and (job.state ~= 'Enqueued' or reason ~= '' or data ~= '') then
      note(job, history_entry(READY, 0, job.ready, NO_ID, job.state, reason, data))
      clear(job, WAITED)
      set(job, PENDING)
      write_out(job)
    else
      set(job, PENDING)
    end
  else
    write_out(job)
    note(job, history_entry(job.kind, 0, job.since, NO_ID, job.state, reason, data))
  end
  if job.kind == WAITING then forget_parents(job) end
  if may_have_extra(job) then extra(job).t = nil end
  job.due = 0
end

local function arrive(job, state, elected_away)
  if may_have_extra(job) and extra(job).l then state = limits.admit(job, state) end
  -- The instant of the implicit *Enqueued* is about to be overwritten.
  local is_ready = state.kind == READY
  if is_ready or elected_away then write_out(job) end
  for _, candidate in ipairs(elected_away or {}) do
    note(job, history_entry(candidate.kind, 1, now, NO_ID, candidate.name, candidate.reason,
                            candidate.data))
  end
  if job.marks >= MEMBER then batches.enters(job, state) end
  job.kind, job.ending, job.state, job.since, job.due, job.step =
    state.kind, state.ending, state.name, now, 0, 0
  set_words(job, state.reason, state.data)
  job.moved = step()
  if is_ready then
    job.place, job.ready = place_of(job.priority, job.moved), now
    clear(job, NO_HANDLER)
    news.queues[job.queue] = true
  elseif state.kind == TIMED then
    job.due = state.due_at or later(state.due_in)
  elseif state.kind == PARKED or state.kind == FINAL then
    if state.retention then
      job.due = later(state.retention)
      if job.due == LAST then job.due = 0 end
    end
    count(job.state)
  end
  if state.kind == PARKED or state.kind == FINAL or state.ending ~= 0 then news.jobs[#news.jobs + 1] = job.id end
end

-- What the end of a parent means to a condition: true met, false no longer possible, nil undecided.
local function verdict(condition, ending)
  if ending == 0 then return nil end
  if ending == 3 then
    if condition == 2 then return true end
    return nil
  end
  if condition == 3 then return true end
  return condition == 0 and ending == 1 or condition == 1 and ending == 2
end

-- The decision is made; `promote` finds the child due and has it elected.
local function make_due(child, candidate)
  touch(child)
  child.kind, child.due, child.step = TIMED, now, 0
  child.moved = step()
  extra(child).t = candidate
  news.due = true
end

local function conclude(child, packed_state, release, ended)
  if release == 1 then
    forget_parents(child)
    make_due(child, packed_state)
    return
  end
  local state = read_state(packed_state)
  leave(child)
  arrive(child, state)
  if state.ending ~= 0 then ended[#ended + 1] = {child, state.ending} end
end

local function decide_child(parent, member, ending, release, ended)
  local child = get(sub(member, 1, 16))
  local index = read('>I2', member, 17)
  -- An earlier edge of the same child may have decided already.
  local edge = child and child.kind == WAITING and parents_of(child)[index]
  if not edge then return end
  local met = verdict(edge[2], ending)
  if met == nil then return end
  touch(child)
  child.parents[index] = nil
  drop_edge(parent.id, child, index)
  if not met then
    conclude(child, extra(child).u, release, ended)
  elseif next(child.parents) == nil then
    conclude(child, extra(child).m, release, ended)
  end
end

-- Lets those go who wait for a job that has ended. Breadth first and without recursion: however
-- long a chain is, the stack stays as it is.
local function settle(job, ending, release)
  local ended = {{job, ending}}
  local at = 1
  while ended[at] do
    local parent, how = unpack(ended[at])
    at = at + 1
    if how ~= 0 and has(parent, CHILDREN) then
      for _, member in ipairs(children_of(parent)) do
        decide_child(parent, member[1], how, release, ended)
      end
    end
  end
end

local function move(job, state)
  leave(job)
  arrive(job, state)
  settle(job, state.ending, 0)
end

-- `waited`: it is taken from its lane; otherwise it has left its state before.
local function hold(job, server, claim, waited)
  touch(job)
  write_out(job)
  if has(job, RAN) then
    local x = extra(job)
    x.b = write('>c16I7I7', job.server, job.claimed, job.delay) .. (x.g or '')
    x.g = nil
  end
  if waited then
    set(job, WAITED)
  else
    job.state, job.ending = '', 0
    set_words(job, '', '')
  end
  set(job, RAN)
  job.kind, job.since, job.due, job.step = RUNNING, now, 0, claim
  job.server, job.claimed, job.delay = server, now, 0
  job.epoch = job.epoch + 1
  job.moved = step()
end

-- The claim never was: state, instants and place are those from before.
local function undo_claim(job, no_handler)
  touch(job)
  clear(job, WAITED)
  job.kind, job.since, job.step = READY, job.ready, 0
  job.epoch = job.epoch + 1
  job.moved = step()
  local before
  if may_have_extra(job) then
    local x = extra(job)
    before = x.b
    x.b, x.g = nil, nil
    if before and #before > 30 then x.g = sub(before, 31) end
  end
  if before then
    job.server, job.claimed, job.delay = read('>c16I7I7', before)
  else
    job.server, job.claimed, job.delay = NO_ID, 0, 0
    clear(job, RAN)
  end
  if no_handler then set(job, NO_HANDLER) end
  news.queues[job.queue] = true
end

local function take_from_holder(job)
  local server, epoch = job.server, job.epoch
  local x = extra(job)
  x.o = server .. write('>I6', epoch)
  later_call('SADD', key.stopping .. server, job.id)
  news.servers[server] = true
  job.epoch = epoch + 1
end

local function requeue(job, reason)
  leave(job)
  job.epoch = job.epoch + 1
  arrive(job, enqueued(reason))
end

-- Whoever still names an old epoch has heard of it, or is about to.
local function clear_stopping(job, epoch)
  if not may_have_extra(job) then return end
  local note_of = extra(job).o
  if not note_of or read('>I6', note_of, 17) ~= epoch then return end
  touch(job)
  job.x.o = nil
  later_call('SREM', key.stopping .. sub(note_of, 1, 16), job.id)
end

local function remove_job(job)
  touch(job)
  job.removed = true
  if may_have_extra(job) then
    local x = extra(job)
    if x.k then
      local holder = holder_of(x.k)
      if holder and holder[1] == job.id and holder[3] == 0 then set_holder(x.k, false) end
    end
    if x.o then later_call('SREM', key.stopping .. sub(x.o, 1, 16), job.id) end
    limits.forget(job)
  end
end

-- The ids that a server holds, oldest claim first.
local function held_by(server)
  local claims, ids = {}, {}
  local all = call('HGETALL', key.held .. server)
  for i = 1, #all, 2 do
    if #all[i] == 7 then claims[#claims + 1] = {all[i], all[i + 1]} end
  end
  table.sort(claims, function(a, b) return a[1] < b[1] end)
  local found = {}
  for _, claim in ipairs(claims) do
    local number = read('>I7', claim[1])
    for at = 1, #claim[2], 16 do ids[#ids + 1] = {sub(claim[2], at, at + 15), number} end
  end
  local only = {}
  for i, one in ipairs(ids) do only[i] = one[1] end
  get_all(only)
  for _, one in ipairs(ids) do
    local job = get(one[1])
    if job and job.kind == RUNNING and job.server == server and job.step == one[2] then
      found[#found + 1] = job
    end
  end
  return found
end

-- Takes the server, which holds nothing any more, off the list; its handlers stop nobody's job.
local function strike(server)
  for _, id in ipairs(call('SMEMBERS', key.stopping .. server)) do
    local job = get(id)
    if job and may_have_extra(job) then
      local note_of = extra(job).o
      if note_of and sub(note_of, 1, 16) == server then
        touch(job)
        job.x.o = nil
      end
    end
  end
  later_call('ZREM', key.servers, server)
  later_call('DEL', key.server .. server, key.handlers .. server, key.held .. server,
             key.stopping .. server)
end

