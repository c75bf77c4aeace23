-- Counting: jobs in claims, entries into states.

local function gather(lists, name)
  local list = lists[name]
  if not list then
    list = {}
    lists[name] = list
  end
  return list
end

local function push(list, a, b)
  list[#list + 1] = a
  if b ~= nil then list[#list + 1] = b end
end

local function add(deltas, name, delta) deltas[name] = (deltas[name] or 0) + delta end

-- Takes ended executions out of their claims; a claim goes with its last one.
local function end_claims(ended)
  for name, number in pairs(ended) do
    local claim, server = sub(name, 1, 7), sub(name, 8)
    if call('HINCRBY', key.held .. server, 'n' .. claim, -number) <= 0 then
      call('HDEL', key.held .. server, claim, 'n' .. claim)
    end
    call('HINCRBY', key.server .. server, 'held', -number)
  end
end

local function write_claim(server, claim, ids)
  local name = number_bytes(claim)
  call('HSET', key.held .. server, name, concat(ids), 'n' .. name, #ids)
  call('HINCRBY', key.server .. server, 'held', #ids)
end

local function write_entries(names)
  local hour = string.format('%d:', floor(now / HOUR))
  for name, times in pairs(names) do
    if times ~= 0 then
      call('HINCRBY', key.lifetime, name, times)
      call('HINCRBY', key.hours, hour .. name, times)
    end
  end
end

