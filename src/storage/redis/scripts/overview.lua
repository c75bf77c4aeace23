-- All numbers: `Monitoring::now`, `statistics`, `history`, `queues`; `Coordination::queue_settings`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           'now', 'settings', 'numbers', 'hours' or 'queues'
-- Returns           now      the instant
--                   settings as fields and values
--                   numbers  {live, lifetime} as fields and values
--                   hours    as fields and values
--                   queues   per queue: name, ready, running, without handler, ready since or '',
--                            settings or ''

if ARGV[2] == 'now' then return string.format('%.0f', now) end
if ARGV[2] == 'settings' then return call('HGETALL', key.queues) end
if ARGV[2] == 'numbers' then return {call('HGETALL', key.live), call('HGETALL', key.lifetime)} end
if ARGV[2] == 'hours' then return call('HGETALL', key.hours) end

local names, seen = {}, {}
local function note(name)
  if not seen[name] then
    seen[name] = true
    names[#names + 1] = name
  end
end
for _, field in ipairs(call('HKEYS', key.live)) do note(string.match(field, '^[^%z]*')) end
for _, name in ipairs(call('HKEYS', key.queues)) do note(name) end

local answer = {}
for _, name in ipairs(names) do
  local ready = call('ZCARD', key.lane .. name) + call('ZCARD', key.suspects .. name)
  local without = 0
  for _, handler in ipairs(call('SMEMBERS', key.names .. name)) do
    local lane = name .. '#' .. handler
    without = without + call('ZCARD', key.lane .. lane) + call('ZCARD', key.suspects .. lane)
  end
  local first, place, since = nil, nil, ''
  for _, prefix in ipairs({key.lane, key.suspects}) do
    local found = call('ZRANGE', prefix .. name, 0, 0, 'WITHSCORES')
    if found[1] and (not place or tonumber(found[2]) < place) then
      first, place = found[1], tonumber(found[2])
    end
  end
  if first then since = string.format('%.0f', decode(first, call('GET', key.job .. first)).ready) end
  local running = call('HGET', key.running, name) or '0'
  local settings = call('HGET', key.queues, name) or ''
  for _, value in ipairs({name, ready + without, running, without, since, settings}) do
    answer[#answer + 1] = value
  end
end
return answer
