-- The audit log: `Coordination::record`, `conclude`; `Monitoring::audit`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           'record', 'conclude' or 'page'
--   record          ARGV[3] how many are kept, [4…8] actor, action, target, reason, outcome
--   conclude        [3] number, [4] outcome
--   page            [3] below this number, 0 from the newest one, [4] at most so many
-- Returns           of a record its number; of a page the numbers and entries, newest first
--
-- An entry is its instant and five texts behind their lengths.

local function packed(at, texts)
  local parts = {write('>I7', at)}
  for i = 1, 5 do parts[i + 1] = write('>I4c0', #texts[i], texts[i]) end
  return concat(parts)
end

if ARGV[2] == 'record' then
  write_although_full()
  local number = call('HINCRBY', P, 'audited', 1)
  call('HSET', key.audit, number, packed(now, {unpack(ARGV, 4, 8)}))
  call('HDEL', key.audit, number - tonumber(ARGV[3]))
  return number
end

if ARGV[2] == 'conclude' then
  local entry = call('HGET', key.audit, ARGV[3])
  if not entry then return 0 end
  local at, actor, action, target, reason = read('>I7I4c0I4c0I4c0I4c0', entry)
  write_although_full()
  call('HSET', key.audit, ARGV[3], packed(at, {actor, action, target, reason, ARGV[4]}))
  return 1
end

local number, max = tonumber(call('HGET', P, 'audited') or 0), tonumber(ARGV[4])
local before = tonumber(ARGV[3])
if before > 0 and before <= number then number = before - 1 end
local numbers = {}
while number > 0 and #numbers < max do
  numbers[#numbers + 1], number = string.format('%.0f', number), number - 1
end
if #numbers == 0 then return {} end
local answer = {}
for i, entry in ipairs(call('HMGET', key.audit, unpack(numbers))) do
  -- Those before it are gone too.
  if not entry then break end
  answer[#answer + 1], answer[#answer + 2] = numbers[i], entry
end
return answer
