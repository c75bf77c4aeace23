-- Sections of commit.lua that are plain. Where all are, nothing else of the script is looked at: what
-- follows is a hundred functions that Lua would have to make for each call.

local at = 1
local function next_word()
  at = at + 1
  return ARGV[at]
end

local mark  -- of the storage that calls, which tells those around it by itself

-- Plain creations: one command for all records, one for all places.

-- Whether members can join, or end, without more ado: nobody has to look at the batch afterwards,
-- unless none is outstanding.
local function waits_for_members(batch)
  local text = call('GET', key.job .. batch)
  return text and byte(text, 1) == WAITING and byte(text, 2) ~= 2 and
         floor(read('>H', text, 3) / BATCH) % 2 == 1
end

-- Where none of the records exists, all are made.
local function set_new(records)
  if #records <= 4000 then return call('MSETNX', unpack(records)) == 1 end
  for first = 1, #records, 2000 do
    local names = {}
    for i = first, math.min(first + 1999, #records), 2 do names[#names + 1] = records[i] end
    if call('EXISTS', unpack(names)) > 0 then return false end
  end
  set_all(records)
  return true
end

-- `new_batch`: theirs is being created, with the number before theirs.
local function plain_creations(new_batch)
  local number, queue, priority = tonumber(next_word()), next_word(), tonumber(next_word())
  local marks, state, batch = tonumber(next_word()), next_word(), next_word()
  local last = call('HMGET', P, 'number', 'step')
  local job_number, position = tonumber(last[1]) or 0, tonumber(last[2]) or 0
  local member = nil  -- the number of the last member
  if new_batch then
    job_number, member = job_number + 1, 0
  elseif batch ~= '' then
    if not waits_for_members(batch) then return 0 end
    member = tonumber(call('HGET', key.extra .. batch, 'n'))
  end
  local code = STATE_CODES[state] or 0
  local name = code == 0 and state or ''
  local head = write('>BBHI6I7i8I7', READY, 0, marks, 0, now, 0, 0) .. NO_ID ..
               string.rep('\0', 21) .. char(code) .. number_bytes(now)
  local tail = char(#name) .. name .. '\0\0\0\0' .. batch
  local base = place_of(priority, position)
  local ready = number_bytes(now)
  local job_key = key.job
  local records, places, ids, apart = {}, {}, {}, {}
  local has_apart = floor(marks / APART) % 2 == 1
  for i = 1, number do
    local id = next_word()
    ids[i] = id
    records[2 * i - 1] = job_key .. id
    local text = head .. write('>I7I7', job_number + i, base + i) .. ready .. next_word() .. tail
    records[2 * i] = member and text .. number_bytes(member + i) or text
    places[2 * i - 1] = base + i
    places[2 * i] = id
    if has_apart then push(apart, key.arguments .. id, next_word()) end
  end
  if not set_new(records) then return 0 end
  set_all(apart)
  call('HSET', P, 'number', job_number + number, 'step', position + number)
  spread('ZADD', key.lane .. queue, places)
  fill_row('all', job_number + 1, ids)
  if member then fill_row('b:' .. batch, member + 1, ids) end
  if member and not new_batch then
    call('HINCRBY', key.extra .. batch, 'n', number)
    call('HINCRBY', key.extra .. batch, 'w', number)
  end
  call('HINCRBY', key.live, queue .. '\0' .. state, number)
  write_entries({Created = number})
  tell('queue/' .. queue, mark)
  return 1
end

-- Plain ends: first run, nothing special, *Enqueued* before. Returns the others, which go the general
-- way, or nil.

local PLAIN_RUN = char(RUNNING, 0, 0, WAITED + RAN)
local PLAIN_MEMBER = char(RUNNING, 0, MEMBER / 256, WAITED + RAN)
local MEMBER_BYTES = 23  -- at the end of a record
local PLAIN_REST = string.rep('\0', 7) .. char(STATE_CODES.Enqueued)

local all_ended  -- batches of which no member is outstanding any more

-- Of plain ends, by batch.
local function count_ends(ended, ending)
  all_ended = nil
  if ending == 0 or ending == 3 then return end
  for batch, number in pairs(ended) do
    if ending == 1 then call('HINCRBY', key.extra .. batch, 's', number) end
    if call('HINCRBY', key.extra .. batch, 'w', -number) == 0 then
      all_ended = all_ended or {}
      push(all_ended, batch)
    end
  end
end

-- Which of the records are of plain runs, how many members of each batch are among them, and which
-- are not.
local function find_plain(texts, epochs)
  local plain, others, ends, waits = {}, {}, {}, {}
  for i, epoch in ipairs(epochs) do
    local text = texts[i]
    local start = text and sub(text, 1, 4)
    local is_plain = (start == PLAIN_RUN or start == PLAIN_MEMBER) and sub(text, 5, 10) == epoch and
                     sub(text, 63, 70) == PLAIN_REST
    if is_plain and start == PLAIN_MEMBER then
      local batch = sub(text, -MEMBER_BYTES, -8)
      if waits[batch] == nil then waits[batch] = waits_for_members(batch) end
      is_plain = waits[batch]
      if is_plain then ends[batch] = (ends[batch] or 0) + 1 end
    end
    push(is_plain and plain or others, i)
  end
  return plain, others, ends
end

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
  local heads, ended, live, running, plain = {}, {}, {}, {}, {}
  local which, others, ends = find_plain(code and texts or {}, epochs)
  if #which > 0 then
    for n, i in ipairs(which) do
      local text = texts[i]
      add(ended, sub(text, 26, 48), 1)
      add(running, sub(text, 104, 103 + byte(text, 103)), -1)
      plain[n] = ids[i]
    end
    write_although_full()
    local first = call('HINCRBY', P, 'row ' .. row, #plain) - #plain
    local end_code = char(code)
    local entering = write('>I7i8', now, due)
    for n, i in ipairs(which) do
      local text = texts[i]
      local marks_and_epoch = sub(text, 3, 10)
      local head = heads[marks_and_epoch]
      if not head then
        head = char(state.kind, state.ending, byte(text, 3), WAITED + RAN + PENDING) .. epochs[i] ..
               entering
        heads[marks_and_epoch] = head
      end
      head = head .. number_bytes(first + n - 1) .. sub(text, 33, 55) .. tails[i] .. end_code
      if results[i] == '' then
        call('SETRANGE', key.job .. ids[i], 0, head)
      else
        local member = byte(text, 3) > 0 and sub(text, -MEMBER_BYTES) or ''
        call('SET', key.job .. ids[i], head .. sub(text, HEAD + 1, -5 - #member) ..
                                       write('>I4', #results[i]) .. results[i] .. member)
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
  count_ends(ends, state.ending)
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
while (ARGV[at + 1] == 'C' or ARGV[at + 1] == 'F') and not others and not all_ended do
  if next_word() == 'C' then
    answers[#answers + 1] = plain_creations()
    if answers[#answers] == 0 then return answers end
  else
    others = plain_ends()
    answers[#answers + 1] = {}
  end
end
if at >= #ARGV and not others and not all_ended then return answers end

