-- Reads templates of recurring jobs: `Coordination::due_recurring` and its sisters.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           'due', 'one' or 'page'
--   due             ARGV[3] at most so many, [4…] names of jobs, each once
--   one             [3] id
--   page            [3] behind this id, [4] at most so many
-- Returns           the clock, microseconds until the next falls due (-1: none; only for `due`), then
--                   per template: id, what is stored, see templates.lua

local answer = {string.format('%.0f', now), -1}

local function push_template(id)
  local text = call('HGET', key.recurring, id)
  if not text then return end
  answer[#answer + 1], answer[#answer + 2] = id, text
end

local function push_due(max)
  local soonest = {}
  for i = 4, #ARGV do
    -- One more than asked for tells when the next falls due.
    local found = call('ZRANGEBYSCORE', key.recurring_due .. ARGV[i], '-inf', '+inf', 'WITHSCORES', 'LIMIT',
                       0, max + 1)
    for at = 1, #found, 2 do soonest[#soonest + 1] = {found[at], tonumber(found[at + 1])} end
  end
  table.sort(soonest, function(a, b)
    if a[2] ~= b[2] then return a[2] < b[2] end
    return a[1] < b[1]
  end)
  for i, each in ipairs(soonest) do
    if each[2] > now or i > max then
      answer[2] = math.max(each[2] - now, 0)
      return
    end
    push_template(each[1])
  end
end

if ARGV[2] == 'due' then
  push_due(tonumber(ARGV[3]))
elseif ARGV[2] == 'one' then
  push_template(ARGV[3])
else
  local from = ARGV[3] == '' and '-' or '(' .. ARGV[3]
  for _, id in ipairs(call('ZRANGEBYLEX', key.recurring_ids, from, '+', 'LIMIT', 0, tonumber(ARGV[4]))) do
    push_template(id)
  end
end
return answer
