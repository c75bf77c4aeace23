-- A portion of a list: `Monitoring::list`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           'row', 'lanes', 'timed', 'held' or 'unlisted'
--   row             ARGV[3] its name, [4] a number, [5] 'up' from it or 'down' from it, itself left
--                   out, [6] at most so many
--   lanes           [3] queue, [4] behind this place, [5] at most so many
--   timed           [3] behind this instant, [4] and this member, [5] at most so many
--   held            nothing
--   unlisted        [3] state
-- Returns           of `unlisted` how many jobs are in that state and neither in a row nor held, or -1
--                   where counting would take long; of all others,
--                   per job: id, record, reason, arguments apart, where it stands (number, place,
--                   instant, claim), and of held ones which of the claim it is, otherwise 0; and at
--                   last '' where there may be more

local answer = {}

local function push_job(id, text, at, index)
  local marks = read('>H', text, 3)
  local n = #answer
  answer[n + 1], answer[n + 2] = id, text
  local reason = floor(marks / EXTRA) % 2 == 1 and byte(text, 1) ~= RUNNING and
                 call('HGET', key.extra .. id, 'r')
  answer[n + 3] = reason or ''
  answer[n + 4] = floor(marks / APART) % 2 == 1 and call('GET', key.arguments .. id) or ''
  answer[n + 5], answer[n + 6] = string.format('%.0f', at), index or 0
end

local function list_row(row, from, up, max)
  local chunk, found = floor(from / 64), 0
  while found < max do
    local next_chunks
    if up then
      next_chunks = call('ZRANGEBYSCORE', key.chunks .. row, chunk, '+inf', 'LIMIT', 0, 1)
    else
      next_chunks = call('ZREVRANGEBYSCORE', key.chunks .. row, chunk, '-inf', 'LIMIT', 0, 1)
    end
    if not next_chunks[1] then return false end
    chunk = tonumber(next_chunks[1])
    local text = call('GET', key.chunk .. write('>I6', chunk) .. row) or ''
    local ids, numbers = {}, {}
    for place = 0, #text / 16 - 1 do
      local at = up and place or #text / 16 - 1 - place
      local id, number = sub(text, at * 16 + 1, at * 16 + 16), chunk * 64 + at
      local is_behind = up and number > from or not up and number < from
      if id ~= NO_ID and is_behind and found < max then
        found = found + 1
        ids[#ids + 1], numbers[#numbers + 1] = id, number
      end
    end
    for i, record in ipairs(read_all(key.job, ids)) do
      if record then push_job(ids[i], record, numbers[i]) end
    end
    chunk = up and chunk + 1 or chunk - 1
    if chunk < 0 then return false end
  end
  return true
end

local function list_lanes(queue, after, max)
  local all, lanes = {}, {queue}
  for _, name in ipairs(call('SMEMBERS', key.names .. queue)) do lanes[#lanes + 1] = queue .. '#' .. name end
  for _, lane in ipairs(lanes) do
    for _, prefix in ipairs({key.lane, key.suspects}) do
      local found = call('ZRANGEBYSCORE', prefix .. lane, '(' .. after, '+inf', 'WITHSCORES', 'LIMIT', 0,
                         max)
      for i = 1, #found, 2 do all[#all + 1] = {found[i], tonumber(found[i + 1])} end
    end
  end
  table.sort(all, function(a, b) return a[2] < b[2] end)
  for i = 1, math.min(max, #all) do
    push_job(all[i][1], call('GET', key.job .. all[i][1]), all[i][2])
  end
  return #all > 0
end

local function list_timed(instant, member, max)
  local from, more = 0, true
  while more and #answer == 0 do
    local found = call('ZRANGEBYSCORE', key.timed, instant, '+inf', 'WITHSCORES', 'LIMIT', from, max)
    from, more = from + max, #found == 2 * max
    for i = 1, #found, 2 do
      -- Many may fall due at one instant: those up to the member were seen before.
      if tonumber(found[i + 1]) ~= tonumber(instant) or found[i] > member then
        local id = sub(found[i], 8)
        push_job(id, call('GET', key.job .. id), tonumber(found[i + 1]))
      end
    end
  end
  return more
end

local function list_held()
  for _, server in ipairs(call('ZRANGE', key.servers, 0, -1)) do
    local claims = call('HGETALL', key.held .. server)
    for i = 1, #claims, 2 do
      if #claims[i] == 7 then
        local claim = read('>I7', claims[i])
        for at = 1, #claims[i + 1], 16 do
          local id = sub(claims[i + 1], at, at + 15)
          local text = call('GET', key.job .. id)
          if text and byte(text, 1) == RUNNING and sub(text, 33, 48) == server and
             read('>I7', text, 26) == claim then
            push_job(id, text, claim, (at - 1) / 16)
          end
        end
      end
    end
  end
  return false
end

local MOST_CHUNKS = 5000  -- that are counted: a millisecond's worth

local function count_unlisted(state)
  local count = 0
  local function add(hash, sign)
    local values = call('HGETALL', hash)
    for i = 2, #values, 2 do count = count + sign * tonumber(values[i]) end
  end
  local live = call('HGETALL', key.live)
  for i = 1, #live, 2 do
    if string.match(live[i], '%z(.*)$') == state then count = count + tonumber(live[i + 1]) end
  end
  for _, prefix in ipairs({'w:', 'p:', 'f:'}) do
    if call('ZCARD', key.chunks .. prefix .. state) > MOST_CHUNKS then return -1 end
    add(key.filled .. prefix .. state, -1)
  end
  if state == 'Processing' then add(key.running, -1) end
  return count
end

if ARGV[2] == 'unlisted' then return count_unlisted(ARGV[3]) end

local more
if ARGV[2] == 'row' then
  more = list_row(ARGV[3], tonumber(ARGV[4]), ARGV[5] == 'up', tonumber(ARGV[6]))
elseif ARGV[2] == 'lanes' then
  more = list_lanes(ARGV[3], ARGV[4], tonumber(ARGV[5]))
elseif ARGV[2] == 'timed' then
  more = list_timed(ARGV[3], ARGV[4], tonumber(ARGV[5]))
else
  more = list_held()
end
if more then answer[#answer + 1] = '' end
return answer
