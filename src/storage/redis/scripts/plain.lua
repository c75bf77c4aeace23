-- Sections of commit.lua that are plain. Where all are, nothing else of the script is looked at: what
-- follows is a hundred functions that Lua would have to make for each call.

local at = 1
local function next_word()
  at = at + 1
  return ARGV[at]
end

local mark  -- of the storage that calls, which tells those around it by itself

-- Plain creations: one command for all records, one for all places.

local function plain_creations()
  local number, queue, priority = tonumber(next_word()), next_word(), tonumber(next_word())
  local marks, state = tonumber(next_word()), next_word()
  local last = call('HMGET', P, 'number', 'step')
  local job_number, position = tonumber(last[1]) or 0, tonumber(last[2]) or 0
  local code = STATE_CODES[state] or 0
  local name = code == 0 and state or ''
  local head = write('>BBHI6I7i8I7', READY, 0, marks, 0, now, 0, 0) .. NO_ID ..
               string.rep('\0', 21) .. char(code) .. number_bytes(now)
  local tail = char(#name) .. name .. '\0\0\0\0'
  local base = place_of(priority, position)
  local ready = number_bytes(now)
  local job_key = key.job
  local records, places, ids, apart = {}, {}, {}, {}
  local has_apart = marks == APART
  for i = 1, number do
    local id = next_word()
    ids[i] = id
    records[2 * i - 1] = job_key .. id
    records[2 * i] = head .. write('>I7I7', job_number + i, base + i) .. ready .. next_word() .. tail
    places[2 * i - 1] = base + i
    places[2 * i] = id
    if has_apart then push(apart, key.arguments .. id, next_word()) end
  end
  if number <= 2000 then
    if call('MSETNX', unpack(records)) == 0 then return 0 end
  else
    for first = 1, #records, 2000 do
      local names = {}
      for i = first, math.min(first + 1999, #records), 2 do names[#names + 1] = records[i] end
      if call('EXISTS', unpack(names)) > 0 then return 0 end
    end
    set_all(records)
  end
  set_all(apart)
  call('HSET', P, 'number', job_number + number, 'step', position + number)
  spread('ZADD', key.lane .. queue, places)
  fill_row('all', job_number + 1, ids)
  call('HINCRBY', key.live, queue .. '\0' .. state, number)
  write_entries({Created = number})
  tell('queue/' .. queue, mark)
  return 1
end

-- Plain ends: first run, nothing special, *Enqueued* before. Returns the others, which go the general
-- way, or nil.

local PLAIN_RUN = char(RUNNING, 0, 0, WAITED + RAN)
local PLAIN_REST = string.rep('\0', 7) .. char(STATE_CODES.Enqueued)

local function plain_ends()
  local number = tonumber(next_word())
  local state = read_state(next_word())
  local ids, epochs, tails, results = {}, {}, {}, {}
  for i = 1, number do
    ids[i], epochs[i], tails[i], results[i] = next_word(), next_word(), next_word(), next_word()
  end
  local texts = read_all(key.job, ids)
  local due = state.retention and later(state.retention) or 0
  if due == LAST then due = 0 end
  local row = (state.kind == PARKED and 'p:' or 'f:') .. state.name
  local code = STATE_CODES[state.name]
  local heads, ended, live, running = {}, {}, {}, {}
  local plain, which, others = {}, {}, {}
  for i = 1, number do
    local text = texts[i]
    if code and text and sub(text, 1, 4) == PLAIN_RUN and sub(text, 5, 10) == epochs[i] and
       sub(text, 63, 70) == PLAIN_REST then
      local claim = sub(text, 26, 48)
      ended[claim] = (ended[claim] or 0) + 1
      local queue = sub(text, 104, 103 + byte(text, 103))
      running[queue] = (running[queue] or 0) - 1
      plain[#plain + 1] = ids[i]
      which[#which + 1] = i
    else
      others[#others + 1] = i
    end
  end
  if #plain > 0 then
    write_although_full()
    local first = call('HINCRBY', P, 'row ' .. row, #plain) - #plain
    local end_code = char(code)
    local entering = write('>I7i8', now, due)
    for n, i in ipairs(which) do
      local text = texts[i]
      local head = heads[epochs[i]]
      if not head then
        head = write('>BBH', state.kind, state.ending, WAITED + RAN + PENDING) .. epochs[i] .. entering
        heads[epochs[i]] = head
      end
      head = head .. number_bytes(first + n - 1) .. sub(text, 33, 55) .. tails[i] .. end_code
      if results[i] == '' then
        call('SETRANGE', key.job .. ids[i], 0, head)
      else
        call('SET', key.job .. ids[i], head .. sub(text, HEAD + 1, -5) .. write('>I4', #results[i]) .. results[i])
      end
    end
    fill_row(row, first, plain, due > 0 and due or nil)
    end_claims(ended)
    for queue, delta in pairs(running) do
      live[queue .. '\0Processing'] = delta
      live[queue .. '\0' .. state.name] = -delta
    end
    add_numbers(key.running, running)
    add_numbers(key.live, live)
    write_entries({[state.name] = #plain})
    tell('jobs', concat(plain))
  end
  if #others == 0 then return nil end
  local rest = {state = state}
  for _, i in ipairs(others) do
    rest[#rest + 1] = {i, ids[i], epochs[i], tails[i], results[i]}
  end
  return rest
end

local answers = {}
local others = nil  -- ends of the last section that are not plain
if ARGV[2] == 'M' then
  mark = ARGV[3]
  at = 3
end
while at < #ARGV and ARGV[at + 1] ~= 'U' and not others do
  if next_word() == 'C' then
    answers[#answers + 1] = plain_creations()
    if answers[#answers] == 0 then return answers end
  else
    others = plain_ends()
    answers[#answers + 1] = {}
  end
end
if at >= #ARGV and not others then return answers end

