-- A unit of work: jobs are read once, changed here, and written by `flush` when all is decided. So
-- what is refused, or fails, has written nothing.

local jobs = {}    -- id → job; false: there is none
local order = {}   -- jobs to be written
local edges = {}   -- parent → who waits for it: added and dropped
local holders = {} -- unique key → holder; false: nobody
local commands = {} -- further writes, in order
local entered = {} -- state → entries
local news = {queues = {}, servers = {}, jobs = {}}
local known_units = {}
local templates = {} -- of recurring jobs: id → what is stored; false: there is none
local batches = {}   -- what they need: functions, see there; and those to be settled
local limits = {}    -- likewise
local refusable = false -- when the memory is full: what brings nothing but new jobs
local unit         -- how to take back the unit in progress; nil: it cannot be refused any more
local numbers, steps -- last given: numbers of creation; positions, claims and the order of entries

local function begin_work()
  jobs, order, edges, holders, commands, entered, known_units = {}, {}, {}, {}, {}, {}, {}
  templates = {}
  batches.order, batches.touched, batches.release = {}, {}, 0
  limits.keys, limits.touched = {}, {}
  news = {queues = {}, servers = {}, jobs = {}}
  local last = call('HMGET', P, 'number', 'step')
  numbers, steps = tonumber(last[1]) or 0, tonumber(last[2]) or 0
end

local function copy(of)
  if not of then return of end
  local to = {}
  for name, value in pairs(of) do to[name] = value end
  return to
end

local function step()
  steps = steps + 1
  return steps
end

local function keep(id, text)
  local job = false
  if text then
    job = decode(id, text)
    job.old = copy(job)
  end
  jobs[id] = job
  return job
end

local function get(id)
  local job = jobs[id]
  if job == nil then return keep(id, call('GET', key.job .. id)) end
  return job and not job.removed and job
end

local function get_all(ids)
  local missing = {}
  for _, id in ipairs(ids) do
    if jobs[id] == nil then missing[#missing + 1] = id end
  end
  local texts = read_all(key.job, missing)
  for i, id in ipairs(missing) do
    if jobs[id] == nil then keep(id, texts[i]) end
  end
end

local function touch(job)
  if not job.listed then
    job.listed = true
    order[#order + 1] = job
  end
  if unit and job.unit ~= unit then
    local image = copy(job)
    image.x, image.steps, image.parents = copy(job.x), copy(job.steps), copy(job.parents)
    unit.images[#unit.images + 1] = {job, image}
    job.unit = unit
  end
end

local function extra(job)
  if not job.x then
    job.x = {}
    if has(job, EXTRA) then
      local found = call('HGETALL', key.extra .. job.id)
      for i = 1, #found, 2 do job.x[found[i]] = found[i + 1] end
    end
    job.x0 = copy(job.x)
  end
  return job.x
end

local function may_have_extra(job) return job.x or has(job, EXTRA) end

local function begin_unit()
  unit = {images = {}, created = {}, undo = {}, numbers = numbers, steps = steps,
          commands = #commands}
  batches.release = 0
end

local function on_undo(action) if unit then unit.undo[#unit.undo + 1] = action end end

local function take_back()
  local refused = unit
  unit = nil
  for i = #refused.images, 1, -1 do
    local job, image = unpack(refused.images[i])
    for name in pairs(job) do job[name] = nil end
    for name, value in pairs(image) do job[name] = value end
  end
  for i = #refused.undo, 1, -1 do refused.undo[i]() end
  for _, job in ipairs(refused.created) do
    job.void = true
    jobs[job.id] = false
  end
  for i = #commands, refused.commands + 1, -1 do commands[i] = nil end
  batches.order, batches.touched, limits.touched = {}, {}, {}
  numbers, steps = refused.numbers, refused.steps
end

local function later_call(...) commands[#commands + 1] = {...} end

local function count(name)
  entered[name] = (entered[name] or 0) + 1
  on_undo(function() entered[name] = entered[name] - 1 end)
end

-- Who waits for whom. A member names the child and which of its parents is meant.

local function edges_of(parent)
  local found = edges[parent]
  if not found then
    found = {added = {}, dropped = {}}
    edges[parent] = found
  end
  return found
end

local function change_edge(parent, member, added, dropped)
  local of = edges_of(parent)
  local added_before, dropped_before = of.added[member], of.dropped[member]
  of.added[member], of.dropped[member] = added, dropped
  on_undo(function() of.added[member], of.dropped[member] = added_before, dropped_before end)
end

local function add_edge(parent, child, index)
  touch(parent)
  set(parent, CHILDREN)
  change_edge(parent.id, child.id .. write('>I2', index), child.number, nil)
end

local function drop_edge(parent_id, child, index)
  local member = child.id .. write('>I2', index)
  local is_new = edges_of(parent_id).added[member]
  change_edge(parent_id, member, nil, not is_new or nil)
end

-- The members that wait for a job, in the order of the children's creation.
local function children_of(job)
  local of, all = edges_of(job.id), {}
  local stored = job.old and call('ZRANGE', key.children .. job.id, 0, -1, 'WITHSCORES') or {}
  for i = 1, #stored, 2 do
    local member = stored[i]
    if not of.dropped[member] and not of.added[member] then
      all[#all + 1] = {member, tonumber(stored[i + 1])}
    end
  end
  for member, number in pairs(of.added) do all[#all + 1] = {member, number} end
  table.sort(all, function(a, b)
    if a[2] ~= b[2] then return a[2] < b[2] end
    return a[1] < b[1]
  end)
  return all
end

-- Which of its parents → {parent, condition}: those that a waiting job still waits for.
local function parents_of(job)
  if not job.parents then
    job.parents = {}
    if job.old then
      local found = call('HGETALL', key.parents .. job.id)
      for i = 1, #found, 2 do
        job.parents[read('>I2', found[i])] = {sub(found[i + 1], 1, 16), byte(found[i + 1], 17)}
      end
    end
    job.parents0 = copy(job.parents)
  end
  return job.parents
end

-- Unique keys.

local function holder_of(name)
  if holders[name] == nil then
    local text = call('HGET', key.keys, name)
    holders[name] = text and {read('>c16Bi8', text)} or false
  end
  return holders[name]
end

local function set_holder(name, holder)
  local before = holder_of(name)
  holders[name] = holder
  on_undo(function() holders[name] = before end)
  later_call('ZREM', key.windows, name)
  if holder then
    later_call('HSET', key.keys, name, write('>c16Bi8', holder[1], holder[2], holder[3]))
    if holder[3] > 0 then later_call('ZADD', key.windows, holder[3], name) end
  else
    later_call('HDEL', key.keys, name)
  end
end

-- Parameters: a packed list in the record.

local function read_parameters(text)
  local all, at = {}, 1
  while at <= #text do
    local name, value
    name, value, at = read('>I2c0I4c0', text, at)
    all[name] = value
  end
  return all
end

local function change_parameters(job, changes)
  if changes == '' then return end
  touch(job)
  local all, at = read_parameters(job.parameters), 1
  while at <= #changes do
    local name, is_set, value
    name, is_set, value, at = read('>I2c0BI4c0', changes, at)
    all[name] = is_set == 1 and value or nil
  end
  local packed = {}
  for name, value in pairs(all) do packed[#packed + 1] = write('>I2c0I4c0', #name, name, #value, value) end
  job.parameters = concat(packed)
end

