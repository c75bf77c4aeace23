-- Removes keys of the prefix, a step at a time: `redis::remove`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           where the last step stopped; '0' to begin
-- Returns           where the next one goes on; '0' when all are gone

local found = call('SCAN', ARGV[2], 'MATCH', P .. '*', 'COUNT', 1000)
local gone = {}
for _, name in ipairs(found[2]) do
  -- The mark of whose they are goes last, so that what was broken off can be taken up again.
  if name ~= P then gone[#gone + 1] = name end
end
if #gone > 0 then call('UNLINK', unpack(gone)) end
if found[1] == '0' then call('UNLINK', P) end
return found[1]
