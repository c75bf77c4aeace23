-- Limits: so many jobs of a key count at a time, the others stand in line. What a step changes about
-- them is settled at its end, once for each key.
--
-- What a job has to do with its limit is told by three of its further fields, see record.lua: l, i
-- where it counts, v while it stands in line.

-- A key as the work in progress sees it: how many count; how many stand in line; how many stood there
-- before, and how many of all that ever did have been looked at; who has joined them.
function limits.of(name)
  local of = limits.keys[name]
  if not of then
    local stored = call('ZCARD', key.line .. name)
    of = {name = name, counting = tonumber(call('HGET', key.limits, name)) or 0, length = stored,
          stored = stored, seen = 0, joined = {}}
    limits.keys[name] = of
  end
  return of
end

-- How many at once, while of which kinds, and the key.
function limits.read(job)
  local at_once, kinds = read('>I4B', extra(job).l)
  return at_once, kinds, sub(job.x.l, 6)
end

function limits.change(of, counting, length)
  of.counting, of.length = of.counting + counting, of.length + length
  if counting < 0 or length < 0 then limits.touched[of.name] = true end
  on_undo(function() of.counting, of.length = of.counting - counting, of.length - length end)
end

-- As the C++ side packs it. A delay counts from now on, however long the line is.
function limits.pack(state)
  local due = state.kind == TIMED and (state.due_at or later(state.due_in))
  return write('>BBBi8i8i8Bc0I4c0I4c0', state.kind, state.ending, due and 1 or 0, 0, due or 0, 0,
               #state.name, state.name, #state.reason, state.reason, #state.data, state.data)
end

function limits.join(of, job, state)
  local place = step()
  job.x.v = number_bytes(place) .. limits.pack(state)
  of.joined[#of.joined + 1] = {job.id, place}
  on_undo(function() of.joined[#of.joined] = nil end)
  limits.change(of, 0, 1)
  return {kind = WAITING, ending = 0, due_in = 0, name = 'Awaiting',
          reason = 'Others of its limit come first', data = ''}
end

-- The state that a job enters where it wants to enter the one given.
function limits.admit(job, state)
  local at_once, kinds, name = limits.read(job)
  local of, x = limits.of(name), job.x
  if x.v then
    x.v = nil
    limits.change(of, 0, -1)
  end
  local would_count = floor(kinds / 2 ^ state.kind) % 2 == 1
  if x.i then
    if not would_count then
      x.i = nil
      limits.change(of, -1, 0)
    end
    return state
  end
  if not would_count or (state.kind ~= READY and state.kind ~= TIMED) then return state end
  if of.length > 0 or of.counting >= at_once then return limits.join(of, job, state) end
  x.i = '1'
  limits.change(of, 1, 0)
  return state
end

-- Of a job that is removed.
function limits.forget(job)
  local x = extra(job)
  if not x.i and not x.v then return end
  local _, _, name = limits.read(job)
  limits.change(limits.of(name), x.i and -1 or 0, x.v and -1 or 0)
end

-- Whoever has left the line is passed over, and so is the place that somebody has exchanged for a
-- later one. Only what cannot be refused any more may ask.
function limits.first(of)
  while of.length > 0 do
    local id, place
    if of.seen < of.stored then
      local found = call('ZRANGE', key.line .. of.name, of.seen, of.seen, 'WITHSCORES')
      id, place = found[1], tonumber(found[2])
    else
      id, place = unpack(of.joined[of.seen - of.stored + 1])
    end
    local job = get(id)
    local standing = job and extra(job).v
    if standing and read('>I7', standing) == place then return job end
    of.seen = of.seen + 1
  end
  return nil
end

-- By bytes: how Lua itself compares depends on the server's locale.
function limits.is_before(a, b)
  for i = 1, math.min(#a, #b) do
    if byte(a, i) ~= byte(b, i) then return byte(a, i) < byte(b, i) end
  end
  return #a < #b
end

-- Lets those go whose turn it is.
function limits.settle()
  if next(limits.touched) == nil then return end
  local names = {}
  for name in pairs(limits.touched) do names[#names + 1] = name end
  table.sort(names, limits.is_before)
  for _, name in ipairs(names) do
    local of = limits.of(name)
    local first = limits.first(of)
    while first and of.counting < limits.read(first) do
      local wanted = read_state(sub(first.x.v, 8))
      leave(first)
      first.x.v, first.x.i = nil, '1'
      limits.change(of, 1, -1)
      arrive(first, wanted)
      first = limits.first(of)
    end
  end
  limits.touched = {}
end

-- Of jobs that have a limit: how they stand now, where it was otherwise.
function limits.write(list)
  local counting, joined, left = {}, {}, {}
  for _, job in ipairs(list) do
    local _, _, name = limits.read(job)
    local before, after = job.x0, job.removed and {} or job.x
    add(counting, name, (after.i and 1 or 0) - (before.i and 1 or 0))
    if after.v and after.v ~= before.v then
      push(gather(joined, name), read('>I7', after.v), job.id)
    elseif before.v and not after.v then
      push(gather(left, name), job.id)
    end
  end
  for name, ids in pairs(left) do spread('ZREM', key.line .. name, ids) end
  for name, places in pairs(joined) do spread('ZADD', key.line .. name, places) end
  add_numbers(key.limits, counting)
end
