-- What a server holds: `JobStore::held`.
--
-- KEYS[1], ARGV[1]  see keys.lua
-- ARGV[2]           server
-- Returns           per execution: id, epoch; oldest claim first

local answer = {}
for _, job in ipairs(held_by(ARGV[2])) do
  answer[#answer + 1] = job.id
  answer[#answer + 1] = job.epoch
end
return answer
