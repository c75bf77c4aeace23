-- Locks with a lease and a fence: `Coordination::acquire_lock`, `renew_lock`, `release_lock`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           'acquire', 'renew' or 'release'
-- ARGV[3]           name
-- ARGV[4]           owner; of a lock that is held, its fence
-- ARGV[5]           lease
-- Returns           the fence, or 0: held by another, or not held under that fence

local fence, ends, owner = 0, 0, ''
local stored = call('HGET', key.locks, ARGV[3])
if stored then
  fence, ends = read('>I7i8', stored)
  owner = sub(stored, 16)
end
local is_held = now < ends

local function store(until_when)
  write_although_full()
  -- Never forgotten: the fence of a name must go on growing.
  call('HSET', key.locks, ARGV[3], write('>I7i8', fence, until_when) .. owner)
  return fence
end

if ARGV[2] == 'acquire' then
  if is_held and owner ~= ARGV[4] then return 0 end
  if not is_held then fence = fence + 1 end
  owner = ARGV[4]
  return store(later(tonumber(ARGV[5])))
end
if not is_held or fence ~= tonumber(ARGV[4]) then return 0 end
return store(ARGV[2] == 'renew' and later(tonumber(ARGV[5])) or now)
