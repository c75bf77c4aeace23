-- Looks whose the prefix is, and makes it ours where it is nobody's.
--
-- The hash under the prefix holds `layout`, the version of what is described in keys.lua and
-- record.lua, and the numbers last given: `number` of creations, `step` of positions and claims,
-- `servers`, `row …` of each row; and `swept`, the hour in which old hours were last removed.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           our version, or '0' to look only
-- Returns           the version found or written; 0 for none; -1 where the key is somebody else's

local kind = call('TYPE', P).ok
if kind == 'none' then
  if ARGV[2] == '0' then return 0 end
  call('HSET', P, 'layout', ARGV[2])
  return tonumber(ARGV[2])
end
if kind ~= 'hash' then return -1 end
return tonumber(call('HGET', P, 'layout') or -1) or -1
