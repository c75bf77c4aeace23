-- The claim of jobs that were never claimed before and are nothing special: all of most claims. What
-- follows in claim.lua is for the others.

local server, token, room = ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local answer = {string.format('%.0f', now)}

local state = call('HMGET', key.server .. server, 'name', 'token', 'claim', 'suspects')
if not state[1] then return answer end
local last_token = tonumber(state[2]) or 0
if token < last_token then return answer end

-- What the last claim took and the server still holds.
if token == last_token then
  local ids = state[3] and call('HGET', key.held .. server, number_bytes(state[3]))
  if not ids then return answer end
  for at = 1, #ids, 16 do
    local id = sub(ids, at, at + 15)
    local text = call('GET', key.job .. id)
    if text and byte(text, 1) == RUNNING and sub(text, 26, 48) == number_bytes(state[3]) .. server then
      local n = #answer
      answer[n + 1], answer[n + 2] = id, text
      answer[n + 3] = call('GET', key.arguments .. id) or ''
      answer[n + 4] = call('HGET', key.extra .. id, 'c') or '0'
    end
  end
  return answer
end

local claim = (tonumber(call('HGET', P, 'step')) or 0) + 1
local may_suspect = (tonumber(state[4]) or 0) <= 0
local heads_of = {}  -- keys and new heads
local live, running = {}, {}
local special = {}  -- executions whose jobs need more than a new head: place in the answer → id
local emptied = {}  -- queues with named lanes, which may be gone now
local removals = {} -- what is taken off its lane once all is decided

-- A job that was never claimed before, and is nothing special, gets a new head and stays otherwise.
local heads = {}
local run_of = server .. number_bytes(now) .. string.rep('\0', 7)

local function head_after(text)
  local before = sub(text, 2, 10)
  local head = heads[before]
  if not head then
    local ending, marks, epoch = read('>BHI6', before)
    head = write('>BBHI6I7i8I7', RUNNING, ending, marks + WAITED + RAN, epoch + 1, now, 0, claim) ..
           run_of
    heads[before] = head
  end
  return head
end

-- The name of the state stands behind much else, and is seldom one of the user's.
local function state_in(text)
  return STATES[byte(text, HEAD)] or select(23, read(FORMAT, text))
end

local function take(queue, ids)
  for i, text in ipairs(read_all(key.job, ids)) do
    local id, n = ids[i], #answer
    local high, low = byte(text, 3, 4)
    answer[n + 1], answer[n + 2], answer[n + 3], answer[n + 4] = id, text, '', '0'
    if floor(low / RAN) % 2 == 0 and floor(low / SUSPECT) % 2 == 0 then
      heads_of[#heads_of + 1] = key.job .. id
      heads_of[#heads_of + 1] = head_after(text)
      add(live, queue .. '\0' .. state_in(text), -1)
      if floor(high * 256 / APART) % 2 == 1 then
        answer[n + 3] = call('GET', key.arguments .. id)
      end
    else
      special[n + 1] = id
    end
  end
end

-- The named lanes of a queue that this server can serve.
local function lanes_of(queue)
  local all = {queue}
  if call('EXISTS', key.names .. queue) == 0 then return all, false end
  for _, name in ipairs(call('SINTER', key.names .. queue, key.handlers .. server)) do
    all[#all + 1] = queue .. '#' .. name
  end
  return all, true
end

-- The first `max` of several lanes read as one.
local function first_of(prefix, lanes, max)
  if #lanes == 1 then
    local ids = call('ZRANGE', prefix .. lanes[1], 0, max - 1)
    if #ids > 0 then push(removals, {'ZREMRANGEBYRANK', prefix .. lanes[1], 0, #ids - 1}) end
    return ids
  end
  local all = {}
  for _, lane in ipairs(lanes) do
    local found = call('ZRANGE', prefix .. lane, 0, max - 1, 'WITHSCORES')
    for i = 1, #found, 2 do all[#all + 1] = {found[i], tonumber(found[i + 1]), prefix .. lane} end
  end
  table.sort(all, function(a, b) return a[2] < b[2] end)
  local ids, lists = {}, {}
  for i = 1, math.min(max, #all) do
    ids[i] = all[i][1]
    lists[all[i][3]] = lists[all[i][3]] or {}
    table.insert(lists[all[i][3]], ids[i])
  end
  for lane, list in pairs(lists) do push(removals, {'ZREM', lane, list}) end
  return ids
end

local function forget_empty_lanes(queue)
  for _, lane in ipairs(lanes_of(queue)) do
    if lane ~= queue and call('EXISTS', key.lane .. lane, key.suspects .. lane) == 0 then
      call('SREM', key.names .. queue, sub(lane, #queue + 2))
    end
  end
end

local function take_from(queue)
  local lanes, has_named = lanes_of(queue)
  local before = #answer
  if may_suspect and room > 0 then
    -- A suspect is run on its own, so that a crash can be blamed on it.
    local ids = first_of(key.suspects, lanes, 1)
    if #ids > 0 then may_suspect = false end
    take(queue, ids)
    room = room - #ids
  end
  if room > 0 then
    local ids = first_of(key.lane, lanes, room)
    take(queue, ids)
    room = room - #ids
  end
  if #answer > before then
    running[queue] = (running[queue] or 0) + (#answer - before) / 4
    if has_named then push(emptied, queue) end
  end
end

local queues, listed = {}, {}
for i = 5, #ARGV do
  if not listed[ARGV[i]] then push(queues, ARGV[i]) end
  listed[ARGV[i]] = true
end
local settings = #queues > 0 and call('HMGET', key.queues, unpack(queues)) or {}
for i, queue in ipairs(queues) do
  -- Its first byte says whether it is paused.
  if room > 0 and not (settings[i] and byte(settings[i], 1) == 1) then take_from(queue) end
end

-- Writes what is alike for all, plain or not. From here on nothing is refused. Also where nothing was
-- taken the token is used up.
local function write_all(suspects)
  write_although_full()
  call('HSET', key.server .. server, 'token', ARGV[3], 'claim', claim)
  call('HSET', P, 'step', claim)
  for _, removal in ipairs(removals) do
    if removal[1] == 'ZREM' then spread('ZREM', removal[2], removal[3]) else call(unpack(removal)) end
  end
  for _, queue in ipairs(emptied) do forget_empty_lanes(queue) end
  if suspects > 0 then call('HINCRBY', key.server .. server, 'suspects', suspects) end
  if #answer == 1 then return end
  for i = 1, #heads_of, 2 do call('SETRANGE', heads_of[i], 0, heads_of[i + 1]) end
  local ids = {}
  for i = 2, #answer, 4 do ids[#ids + 1] = answer[i] end
  write_claim(server, claim, ids)
  for queue, delta in pairs(running) do add(live, queue .. '\0Processing', delta) end
  add_numbers(key.running, running)
  add_numbers(key.live, live)
end

if next(special) == nil then
  write_all(0)
  return answer
end

